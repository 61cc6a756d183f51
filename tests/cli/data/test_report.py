"""`ivr report` as somebody types it: the same figures as the page, with what each means."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from dataclasses import replace

import pytest
from click.testing import CliRunner, Result

from ivr.cli import cli
from ivr.domain.metrics.report_figures import FIGURES
from ivr.domain.records.agent import Agent
from ivr.domain.records.promise import Promise, PromiseState
from ivr.services import Services
from ivr.store.change import Change
from ivr.usecases.reports.service_report import InvalidPeriod
from tests.usecases.conftest import at_rest, still

__all__ = ["at_rest", "still"]

Type = Callable[..., Result]


@pytest.fixture
def ivr(at_rest: dict[str, str]) -> Type:
    return lambda *argv: CliRunner().invoke(cli, ["report", *argv], env=at_rest)


@pytest.fixture
def kept(still: Services) -> None:
    """Diane kept one in time and one late."""
    now = still.clock.now()
    for name, until in (("p1", now + 60), ("p2", now - 60)):
        owed = Promise(id=name, queue="support", owner="diane", due_by=until, state=PromiseState.TALKING)
        for old, new in ((None, owed), (owed, replace(owed, state=PromiseState.KEPT, ended_at=now))):
            change = Change(now=now)
            change.put(replace(old, version=1) if old else None, new)
            assert still.store.commit(change)
    change = Change(now=now)
    change.put(None, Agent(id="diane", name="Diane", phone="+12025550111"))
    assert still.store.commit(change)


def test_nothing_is_said_of_nothing(still: Services, ivr: Type) -> None:
    del still
    told = ivr()
    assert told.output == "2026-11-17 to 2026-11-23, by day: nothing to tell yet.\n"


@pytest.mark.usefixtures("kept")
def test_people_read_each_figure_with_its_meaning_and_row_by_row(ivr: Type) -> None:
    told = ivr("--since", "2d").output
    assert all(f.definition in told for f in FIGURES)
    assert "Promises kept on time 50.0 % of 2 kept, or late" in " ".join(told.split())
    assert "2026-11-22  -" in told
    by_agent = ivr("--by", "agent").output
    assert "Service level" not in by_agent
    assert "Diane" in by_agent


@pytest.mark.usefixtures("kept")
def test_machines_read_shares_of_one_and_what_was_counted(ivr: Type) -> None:
    told = json.loads(ivr("--by", "queue", "--from", "2026-11-01", "--to", "2026-11-23", "--json").output)
    assert (told["from"], told["counted_since"]) == ("2026-11-01", "2026-11-23")
    assert [(row["queue"], row["promises_on_time"], row["asa"]) for row in told["rows"]] == [
        ("support", 0.5, None)
    ]
    head, row, _ = list(csv.reader(io.StringIO(ivr("--by", "agent", "--csv").output)))
    found = dict(zip(head, row, strict=True))
    assert (found["agent"], found["name"], found["promises_kept_late"]) == ("diane", "Diane", "1")


def test_what_cannot_be_meant_is_refused(still: Services, ivr: Type) -> None:
    del still
    for argv in (("--json", "--csv"), ("--since", "7d", "--from", "2026-11-01"), ("--since", "a week")):
        assert ivr(*argv).exit_code == 2, argv
    assert isinstance(ivr("--from", "2020-01-01").exception, InvalidPeriod)
