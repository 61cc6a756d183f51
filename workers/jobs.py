"""RQ jobs: load, call one use case, done. Named by string in ivr/jobs.py."""

from __future__ import annotations

from functools import cache

from ivr import services, settings
from ivr.usecases.scheduler import dispatch


@cache
def _services() -> services.Services:
    """One per process: connections are kept from job to job."""
    return services.build(settings.load(), jobs=True)


def prepare() -> None:
    """Load and connect before the first job."""
    _services()


def look(member: str) -> None:
    """Somebody must look at this record now."""
    dispatch.look(_services(), member)
