"""The page of acts; and that whatever a colleague changes on a page leaves one."""

from __future__ import annotations

import csv
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from flask import Flask

from ivr.domain.actor import Actor, Channel
from ivr.domain.records.account import Role
from ivr.services import Services
from ivr.store import keys
from ivr.usecases.customers import profile as customer_profile
from ivr.usecases.event_log import audit_log
from tests.web.browser import Browser, hire, words

Browse = Callable[[], Browser]
LORI = "+12025550155"

DRAFT = "a draft is their own, and nobody meets it; publishing it is an act"
# A form that changes something, and leaves no act: why not.
WITHOUT: dict[str, str] = {
    "sign_in.submit_password": "is an act itself: `signed in`",
    "desk.perform_action": "the talk's own steps name the agent's leg and the agent in the journal, as keys on the telephone do",
    "flows.save": DRAFT,
    "flows.add_file": DRAFT,
    "flows.remove_file": DRAFT,
    "flows.discard_draft": DRAFT,
    "flows.continue_simulation": "being a caller of a draft writes nothing",
    "flows.replay_next_calls": "a rehearsal writes nothing",
    "flows.change_hours": DRAFT,
    "flows.change_queue": DRAFT,
    "phone.create_token": "lets their own browser be rung for an hour, as they have chosen it to be",
    "photos.mark_seen": "having looked changes nothing for anybody else",
}
# A form that leaves an act, and the test that sees it.
WITH: dict[str, str] = {
    "home.set_state": "tests/web/staff/test_every_page.py::test_who_did_it_and_where_stands_in_the_journal",
    "sign_in.sign_out": "tests/web/staff/pages/test_audit_log.py::test_forms_leave_acts",
    "home.set_opening": "tests/web/staff/pages/test_audit_log.py::test_an_agents_own_forms_leave_acts",
    "home.set_persistent_leg": "tests/web/staff/pages/test_audit_log.py::test_an_agents_own_forms_leave_acts",
    "cases.open_case": "tests/usecases/cases/test_edit.py::test_a_case_is_taken_handed_on_renamed_closed_and_opened_again",
    "cases.open_another_case": "tests/usecases/cases/test_edit.py::test_a_case_is_taken_handed_on_renamed_closed_and_opened_again",
    "cases.perform_action": "tests/usecases/cases/test_edit.py::test_a_case_is_taken_handed_on_renamed_closed_and_opened_again",
    "callbacks.move": "tests/web/staff/pages/test_promises.py::test_an_agent_moves_calls_now_and_calls_off_and_each_is_an_act",
    "callbacks.call_now": "tests/web/staff/pages/test_promises.py::test_an_agent_moves_calls_now_and_calls_off_and_each_is_an_act",
    "callbacks.cancel": "tests/web/staff/pages/test_promises.py::test_an_agent_moves_calls_now_and_calls_off_and_each_is_an_act",
    "callbacks.assign_to_me": "tests/web/staff/pages/test_promises.py::test_only_supervisors_take_and_then_the_line_calls_no_more",
    "wallboard.start_monitoring": "tests/web/staff/pages/test_wallboard.py::test_who_listens_is_shown_to_all_and_only_they_steer_it",
    "wallboard.stop_monitoring": "tests/web/staff/pages/test_wallboard.py::test_who_listens_is_shown_to_all_and_only_they_steer_it",
    "phone.choose_device": "tests/web/staff/pages/test_browser_phone.py::test_a_choice_is_an_act_and_not_made_in_a_call",
    "announcements.start": "tests/web/staff/pages/test_announcements.py::test_a_supervisor_switches_it_on_and_off_and_every_page_shows_it",
    "announcements.stop": "tests/web/staff/pages/test_announcements.py::test_a_supervisor_switches_it_on_and_off_and_every_page_shows_it",
    "flows.publish_draft": "tests/web/staff/pages/test_flows.py::test_what_is_typed_is_kept_and_nobody_meets_it_until_it_is_published",
    "flows.restore_version": "tests/web/staff/pages/test_flows.py::test_an_older_version_is_looked_at_and_stands_again",
    "account.change_password": "tests/web/staff/pages/test_audit_log.py::test_forms_leave_acts",
    "photos.ask_customer": "tests/usecases/photos/test_photo_cases.py::test_asking_is_a_text_in_their_language_an_entry_and_an_act",
}


@pytest.fixture
def ada(still: Services, browse: Browse) -> Browser:
    hire(still, "Ada", Role.OPS, phone=False)
    browser = browse()
    browser.sign_in("Ada")
    return browser


def test_every_form_of_the_staffs_leaves_an_act_or_is_named_here_with_the_reason(
    staff_app: Callable[..., Flask],
) -> None:
    app = staff_app()
    from ivr.web.staff import BLUEPRINT_NAMES

    forms = {
        rule.endpoint
        for rule in app.url_map.iter_rules()
        if "POST" in (rule.methods or ()) and rule.endpoint.partition(".")[0] in BLUEPRINT_NAMES
    }
    assert forms == WITH.keys() | WITHOUT.keys()
    for test in WITH.values():
        file, _, name = test.partition("::")
        assert f"def {name}(" in Path(file).read_text(), test


def test_forms_leave_acts(still: Services, ada: Browser) -> None:
    given = {
        "old": "four words make one",
        "new": "five words make another",
        "again": "five words make another",
    }
    assert ada.send("/me/password", given, page="/me/password").status_code == 303
    assert ada.send("/sign-out").status_code == 303
    done = [e.event for e in audit_log.iter_audit_log(still, actor_id="ada")]
    assert done == ["signed in", "password set", "signed in", "signed out"]


def test_an_agents_own_forms_leave_acts(still: Services, browse: Browse) -> None:
    hire(still, "Diane")
    diane = browse()
    diane.sign_in("Diane")
    change = still.store.begin()
    change.append_command("SADD", keys.OUR_NUMBERS, "+12025550100")
    assert still.store.commit(change)
    assert diane.send("/me/opening", {"opening": "Hello {name}"}).status_code == 303
    assert diane.send("/me/state", {"do": "available"}).status_code == 303
    assert diane.send("/me/persistent-leg", {"do": "stay"}).status_code == 303
    done = [e.event for e in audit_log.iter_audit_log(still, actor_id="diane")]
    assert done == ["signed in", "agent opening", "agent state", "persistent leg requested"]


def test_every_kind_of_act_that_the_line_writes_can_be_chosen() -> None:
    sources = "".join(p.read_text() for p in Path("ivr").rglob("*.py"))
    written = set(re.findall(r'\.act\(\s*"([^"]+)"', sources))
    assert written - set(audit_log.AUDITED_EVENTS) == set()


def test_who_did_what_is_listed_latest_first_and_can_be_narrowed(still: Services, ada: Browser) -> None:
    customer_profile.set_name(still, LORI, "Lori", actor=Actor(id="diane", channel=Channel.PAGE))
    customer_profile.set_shared(still, LORI, shared=True, actor=Actor(id="root", channel=Channel.TERMINAL))
    page = rows(ada, "/audit-log/")
    assert [(r[1], r[2], r[3]) for r in page] == [
        ("root", "terminal", "customer edited"),
        ("diane", "desk", "customer edited"),
        ("Ada", "desk", "signed in"),
    ]
    assert page[0][4] == "what shared"
    assert [r[1] for r in rows(ada, "/audit-log/?by=diane")] == ["diane"]
    assert [r[1] for r in rows(ada, "/audit-log/?did=signed+in")] == ["Ada"]
    assert rows(ada, "/audit-log/?by=nobody") == []
    assert "Nothing of this kind is written down." in words(ada.get("/audit-log/?by=nobody"))
    assert "2025550155" not in words(ada.get("/audit-log/"))
    assert "Lori" not in words(ada.get("/audit-log/"))


def test_page_after_page_shows_each_once(still: Services, ada: Browser) -> None:
    for n in range(120):
        change = still.store.begin()
        change.log_action("customer edited", Actor(id=f"a{n}", channel=Channel.PAGE), what="name")
        change.log_event("text received", case=f"k{n}")
        still.store.commit(change)
    seen: list[str] = []
    path: str | None = "/audit-log/?did=customer+edited"
    pages = 0
    while path:
        seen += [r[1] for r in rows(ada, path)]
        link = re.search(r'rel="next"[^>]* href="([^"]*)"', words(ada.get(path)))
        path, pages = (link[1] if link else None), pages + 1
    assert seen == [f"a{n}" for n in reversed(range(120))]
    assert pages == 3


def test_as_a_table_for_another_program_which_works_nothing_out(still: Services, ada: Browser) -> None:
    customer_profile.set_shared(still, LORI, shared=True, actor=Actor(id="=1+1", channel=Channel.TERMINAL))
    answer = ada.get("/audit-log/audit-log.csv?did=customer+edited")
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert "attachment" in answer.headers["Content-Disposition"]
    head, row = csv.reader(answer.get_data(as_text=True).splitlines())
    assert head == ["at", "by", "where", "did", "about"]
    assert row == ["2026-11-23T19:00:00Z", "'=1+1", "terminal", "customer edited", "what shared"]


@pytest.mark.parametrize("role", [Role.AGENT, Role.SUPERVISOR])
def test_it_is_for_ops_and_admins(still: Services, browse: Browse, role: Role) -> None:
    hire(still, "Vicki", role)
    vicki = browse()
    vicki.sign_in("Vicki")
    assert [vicki.get(p).status_code for p in ("/audit-log/", "/audit-log/audit-log.csv")] == [403, 403]
    assert "/audit-log/" not in words(vicki.get("/"))


@pytest.mark.parametrize("before", ["x", "1-1)", "%00", "9" * 40])
def test_what_is_no_place_in_the_journal_is_refused(ada: Browser, before: str) -> None:
    assert ada.get(f"/audit-log/?before={before}").status_code == 400


def test_what_is_typed_is_text(ada: Browser) -> None:
    text = ada.get("/audit-log/?by=%22%3E%3Cscript%3Ex").get_data(as_text=True)
    assert "<script>x" not in text


def rows(browser: Browser, path: str) -> list[list[str]]:
    body = words(browser.get(path)).partition("<tbody>")[2].partition("</tbody>")[0]
    found = [re.findall(r"<td>(.*?)</td>", line) for line in body.splitlines() if "<tr>" in line]
    return [[re.sub(r"<[^>]+>", "", cell) for cell in cells] for cells in found]
