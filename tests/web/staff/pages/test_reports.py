"""The page of reports: who may see it, what stands beside each figure, and the same as a table for other programs."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable
from dataclasses import replace

import pytest

from ivr.domain.metrics.report_figures import FIGURES, ReportDimension
from ivr.domain.records.account import Role
from ivr.domain.records.agent import Agent
from ivr.domain.records.contact import Contact, ContactState, Outcome
from ivr.domain.records.contact_parts import Caller, QueuePlace
from ivr.services import Services
from ivr.store.change import Change
from tests.web.browser import Browser, hire, words

HOSTILE = '=HYPERLINK("http://x")<script>'


@pytest.fixture
def olga(still: Services, browse: Callable[[], Browser]) -> Browser:
    hire(still, "Olga", Role.OPS, phone=False)
    browser = browse()
    browser.sign_in("Olga")
    return browser


def talked(
    services: Services, name: str, *, waited: float = 10, comment: str = "", number: str = "", case: str = ""
) -> None:
    """Somebody was answered, helped, and said how it was."""
    now = services.clock.now()
    contact = Contact(
        id=name,
        state=ContactState.WAITING,
        started_at=now - waited,
        served_by="diane",
        case=case,
        caller=Caller(number=number, called_number="+12025550100"),
        queue_place=QueuePlace(name="support", queued_at=now - waited),
    )
    for new in (
        contact,
        replace(contact, state=ContactState.TALKING, conference=replace(contact.conference, number=1)),
        replace(
            contact,
            state=ContactState.ENDED,
            outcome=Outcome.HELPED,
            finished_talks=1,
            ended_at=now,
            conference=replace(contact.conference, number=1),
            after_call=replace(contact.after_call, rating=4, rated_at=now, comment=comment),
        ),
    ):
        change = Change(now=now)
        change.put(services.store.get(Contact, name), new)
        assert services.store.commit(change)


def text(browser: Browser, path: str = "/reports/") -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", words(browser.get(path))))


def test_without_a_call_it_says_so_and_what_will_be_told(olga: Browser) -> None:
    for by in ReportDimension:
        page = text(olga, f"/reports/?by={by}")
        assert "Nothing to tell yet" in page
        assert "%" not in page
    assert "0 %" not in text(olga)


def test_every_figure_stands_with_its_definition_and_what_it_is_told_from(
    still: Services, olga: Browser
) -> None:
    talked(still, "c1")
    talked(still, "c2", waited=21)
    page = text(olga)
    for figure in FIGURES:
        assert figure.definition in page
    assert "50 % 1 of 2 asked for a person" in page
    assert "Abandonment 0 % 0 of 2 asked for a person" in page
    assert "Promises kept on time – nothing to tell it from yet" in page
    assert "4.0 2 said how it was" in page


def test_words_are_shown_as_they_were_said_and_run_nothing(
    still: Services, olga: Browser, browse: Callable[[], Browser]
) -> None:
    talked(still, "c1", comment=HOSTILE, number="+12025550155", case="k1")
    page = olga.get("/reports/").get_data(as_text=True)
    assert "<script>" not in page.replace("<script type", "")
    assert HOSTILE in words(olga.get("/reports/"))
    for private in ("+12025550155", "/cases/k1"):  # ops open no cases
        assert private not in page
    hire(still, "Boss", Role.SUPERVISOR)
    boss = browse()
    boss.sign_in("Boss")
    page = boss.get("/reports/").get_data(as_text=True)
    assert "/cases/k1" in page
    assert "+12025550155" not in page


def test_a_table_program_works_nothing_out(still: Services, olga: Browser) -> None:
    hire(still, "Diane")
    agent = still.store.get(Agent, "diane")
    assert agent is not None
    change = still.store.begin()
    change.put(agent, replace(agent, name=HOSTILE))
    assert still.store.commit(change)
    talked(still, "c1")
    for by, key, name in (("agent", "diane", f"'{HOSTILE}"), ("line", "'+12025550100", "'+12025550100")):
        answer = olga.get(f"/reports/report.csv?by={by}")
        assert answer.headers["Content-Disposition"].endswith(f'report-{by}-2026-10-27-2026-11-23.csv"')
        head, row, everything = list(csv.reader(io.StringIO(answer.get_data(as_text=True))))
        assert (row[:2], everything[:2]) == ([key, name], ["all", "all"])
        told = dict(zip(head, row, strict=True))
        assert (told["answered"], told["rating"], told["fcr"]) == ("1", "4.0000", "1.0000")


@pytest.mark.parametrize(
    ("asked", "status"),
    [
        ("from=2026-11-24&to=2026-11-23", 400),
        ("from=2020-01-01&to=2026-11-23", 400),
        ("from=yesterday", 400),
        ("to=0001-01-01", 400),
        ("from=9999-12-31&to=9999-12-31", 400),
        ("by=customer", 404),
        ("page=0", 404),
        ("from=&to=&by=queue&page=1", 200),
    ],
)
def test_days_that_cannot_be_reported_on_are_refused_in_words(olga: Browser, asked: str, status: int) -> None:
    assert olga.get(f"/reports/?{asked}").status_code == status


def test_agents_are_kept_out(still: Services, browse: Callable[[], Browser]) -> None:
    hire(still, "Diane")
    diane = browse()
    diane.sign_in("Diane")
    assert diane.get("/reports/").status_code == diane.get("/reports/report.csv").status_code == 403
    assert "Reports" not in text(diane, "/")
