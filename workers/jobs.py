"""RQ jobs: load, call one use case, done. Named by string in ivr/jobs.py."""

from __future__ import annotations

from functools import cache

from ivr import services, settings
from ivr.usecases.scheduler import dispatch


@cache
def _services() -> services.Services:
    """One per process: connections are kept from job to job."""
    return services.build_services(settings.load_settings(), for_worker=True)


def prepare_worker() -> None:
    """Load and connect before the first job."""
    _services()


def process_due(key: str) -> None:
    """Somebody must look at this record now."""
    dispatch.process_due(_services(), key)
