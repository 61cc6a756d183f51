"""Rehearsing many calls, and talking with a draft."""

from __future__ import annotations

import re

from ivr.domain.records.contact import Contact
from ivr.domain.records.contact_parts import Caller, FlowProgress
from ivr.services import Services
from ivr.store.change import Change
from tests.web.browser import Browser, words
from tests.web.staff.pages.flow_editor import text, types


def test_many_calls_are_rehearsed_part_by_part(still: Services, ada: Browser) -> None:
    now = still.clock.now()
    for n in range(90):
        change = Change(now=now - 3600)
        path = "greeting menu=1 reason_bookings=words" if n % 3 == 0 else "greeting menu=silence reason=words"
        caller = Contact(id=f"c{n:02}", started_at=now - 3600, caller=Caller(called_number="+12025550100", number=f"+120255501{n:02}", language="en"), flow_progress=FlowProgress(path=path))  # fmt: skip
        change.put(None, caller)
        assert still.store.commit(change)
    types(ada, text(ada).replace("bookings: {queue: bookings}", "bookings: {queue: support}"))
    page = "/flows/replay"
    form, told, rows = {"span": "yesterday"}, "", 0
    for part in range(3):
        told = words(ada.send(page, form, page=page))
        rows += told.count("person bookings<span")
        more = told.partition("data-more")[2].partition("</form>")[0]
        form = dict(re.findall(r'name="(span|skip|until|tally)" value="(.*?)">', more))
        assert bool(form) is (part < 2)
    assert rows == 30
    assert "90 calls: 60 go as they did." in told
    assert "30: person bookings → person support" in told
    for bad in (
        {"span": "x"},
        {"span": "week", "skip": "-1"},
        {"span": "week", "tally": "[1]"},
        {"span": "week", "tally": '{"ends": [[1]]}'},
    ):
        assert ada.send(page, bad, page=page).status_code == 400


def test_a_talk_is_told_from_what_was_done_and_refuses_what_is_none(ada: Browser) -> None:
    page = "/flows/simulate"
    form = {"flow": "main", "caller": "owed", "at": "2026-11-23T14:00", "did": '["1"]', "say": "<b>"}
    told = ada.send(page, form, page=page).get_data(as_text=True)
    assert "we owe you a call" in told or "Danielle" in told
    assert "<b>" not in told
    assert "is not a time" in words(ada.send(page, {**form, "at": "never"}, page=page))
    for bad in ({"did": "{}"}, {"did": "[1]"}, {"did": "["}, {"free": "-1"}, {"caller": "x"}):
        assert ada.send(page, {**form, **bad}, page=page).status_code == 400
    for odd in (
        {"flow": "x"},
        {"language": "xx"},
        {"at": "9999-12-31T23:59"},
        {"did": '["x"]', "say": "9" * 300},
    ):
        assert ada.send(page, {**form, **odd}, page=page).status_code == 200
