"""Whatever a story was about: at its end the audit finds every invariant held, by the journal and by the record."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from ivr.cli.demo.stage import Stage
from ivr.usecases.integrity.check import check_integrity


@pytest.fixture
def by_hand() -> None:
    """For a story in which a hand is laid on the record: the audit would rightly say so."""


@pytest.fixture
def stage(stage: Stage, request: pytest.FixtureRequest) -> Iterator[Stage]:
    yield stage
    if "by_hand" not in request.fixturenames:
        broken = check_integrity(stage.services).violations
        assert not broken, [str(violation) for violation in broken]
