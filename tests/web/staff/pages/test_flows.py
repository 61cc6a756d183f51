"""The pages of the flows: what is typed is kept, nothing is overwritten, and only who may publishes."""

from __future__ import annotations

import json

import pytest

from ivr.domain.actor import Actor, Channel
from ivr.domain.records.account import Role
from ivr.domain.records.flow_draft import FlowDraft
from ivr.services import Services
from ivr.store.queries import flow_versions
from ivr.usecases.event_log import audit_log
from ivr.usecases.flows import drafts, publish
from tests.web.browser import Browser, hire, words
from tests.web.staff.pages.flow_editor import EDIT, KEEP, Browse, hidden, text, types

NORA = Actor(id="nora", channel=Channel.PAGE)


def put(services: Services, browser: Browser, why: str = "because", **more: str) -> int:
    page = "/flows/changes"
    form = {"rev": hidden(browser, page, "rev"), "why": why, **more}
    return browser.send("/flows/publish", form, page=page).status_code


def test_what_is_typed_is_kept_and_nobody_meets_it_until_it_is_published(
    still: Services, ada: Browser
) -> None:
    version = still.library.version
    before = text(ada)
    status, mark = types(ada, before + "# mine <b>&amp;\r\n")
    assert (status, mark) == (200, drafts.text_digest(before + "# mine <b>&amp;\n"))
    assert text(ada) == before + "# mine <b>&amp;\n"
    assert "<b>" not in ada.get(EDIT).get_data(as_text=True).partition("<textarea")[2]
    assert still.library.version == version
    (ttl,) = still.store.send_commands([("TTL", "draft:ada")])
    assert ttl == -1
    assert put(still, ada) == 303
    still.store.refresh()
    assert still.library.version != version
    assert still.store.get(FlowDraft, "ada") is None
    assert [(e.actor, e.channel, e.reason) for e in still.store.read(flow_versions.list_published())] == [
        ("ada", "desk", "because")
    ]
    assert "flows published" in [e.event for e in audit_log.iter_audit_log(still, actor_id="ada")]


def test_a_second_window_overwrites_nothing_unless_it_is_told_to(still: Services, ada: Browser) -> None:
    before, was = text(ada), hidden(ada, EDIT, "was")
    assert types(ada, before + "# one\n", was)[0] == 200
    status, told = types(ada, before + "# two\n", was)
    assert (status, told) == (
        409,
        "Not kept. This file of your draft was changed in another window. Nothing was overwritten. ",
    )
    assert text(ada).endswith("# one\n")
    assert (
        types(ada, text(ada, "/flows/edit/prompts/en.yaml") + "# x\n", path="/flows/edit/prompts/en.yaml")[0]
        == 200
    )
    page = ada.send(KEEP, {"text": before + "# two\n", "was": was}, page=EDIT)
    assert page.status_code == 409
    assert "# two" in words(page)
    assert ada.send(KEEP, {"text": before + "# two\n", "was": was, "over": "1"}, page=EDIT).status_code == 303
    assert text(ada).endswith("# two\n")


def test_who_publishes_over_a_colleague_is_told_and_decides(still: Services, ada: Browser) -> None:
    mine = text(ada).replace("seconds: 3", "seconds: 2")
    assert types(ada, mine)[0] == 200
    files = dict(drafts.get_published_files(still)[1])
    theirs = publish.publish_flows(
        still,
        publish.PublishRequest(
            files={**files, "main.yaml": files["main.yaml"] + "# nora\n"}, base_version=""
        ),
        "a note",
        NORA,
    )
    assert put(still, ada) == 409
    assert publish.get_line_status(still).flow_version == theirs.version
    page = words(ada.get("/flows/changes"))
    assert "“a note”" in page
    assert "-# nora" in page
    stale = {"rev": "0", "why": "x", "over": theirs.version}
    assert ada.send("/flows/publish", stale, page="/flows/changes").status_code == 409
    assert put(still, ada, over=hidden(ada, "/flows/changes", "over")) == 303
    assert publish.get_line_status(still).flow_version != theirs.version


def test_faults_are_shown_with_their_place_and_keep_it_from_being_published(
    still: Services, ada: Browser
) -> None:
    assert (
        types(
            ada, text(ada).replace("next: support }", "next: suport }").replace("next: quick ", "next: quik ")
        )[0]
        == 200
    )
    told = words(ada.get("/flows/check/main.yaml"))
    assert '"quik" is not a step of this flow. Did you mean "quick"?' in told
    line = text(ada)[: text(ada).index("quik")].count("\n") + 1
    assert f'#text" data-line="{line}"' in told
    assert "<svg" in told
    assert put(still, ada) == 409
    assert still.store.read(flow_versions.list_published()) == []


def test_an_older_version_is_looked_at_and_stands_again(still: Services, ada: Browser) -> None:
    for n in ("one", "two"):
        types(ada, text(ada) + f"# {n}\n")
        assert put(still, ada, n) == 303
    first, second = (e.version for e in still.store.read(flow_versions.list_published()))
    page = f"/flows/versions/{first}"
    assert "-# two" in words(ada.get(page))
    assert ada.send(f"{page}/restore", {"why": ""}, page=page).status_code == 409
    assert ada.send(f"{page}/restore", {"why": "it was better"}, page=page).status_code == 303
    assert publish.get_line_status(still).flow_version == first != second
    assert "it was better" in words(ada.get("/flows/history"))
    assert "flows rolled back" in [e.event for e in audit_log.iter_audit_log(still, actor_id="ada")]


def test_hours_are_changed_by_forms_and_comments_stay(still: Services, ada: Browser) -> None:
    page = "/flows/hours"
    months = words(ada.get(page))
    assert "November 2026" in months
    assert "Thanksgiving" in months
    week = dict.fromkeys(("monday", "tuesday", "wednesday", "thursday", "friday"), "7:00-21:00")
    form = {
        "name": "support",
        "was": hidden(ada, page, "was"),
        **week,
        "saturday": "closed",
        "sunday": "closed",
    }
    assert ada.send(f"{page}/week", form, page=page).status_code == 303
    told = text(ada, "/flows/edit/hours.yaml")
    assert 'weekdays: "7:00-21:00"' in told
    assert "# public holidays are closed days" in told
    assert "7:00–21:00" in words(ada.get(page))
    again = ada.send(f"{page}/week", form, page=page)
    assert (again.status_code, "another window" in words(again)) == (409, True)
    off = {"name": "support", "was": hidden(ada, page, "was"), "day": "2026-11-27"}
    assert ada.send(f"{page}/day-off", off, page=page).status_code == 303
    assert "day off" in words(ada.get(page))
    wrong = ada.send(f"{page}/week", {**form, "was": hidden(ada, page, "was"), "monday": '"<x>'}, page=page)
    assert wrong.status_code == 409
    assert "<x>" not in wrong.get_data(as_text=True)
    for month in ("2026-13", "9999-01", "x"):
        assert ada.get(f"{page}?month={month}").status_code in (400, 409)


def test_a_queue_is_changed_by_a_form(still: Services, ada: Browser) -> None:
    page = "/flows/queues"
    form = {"was": hidden(ada, page, "was"), "threshold": "30", "attempts": "5, 30", "overflow": "support"}
    assert ada.send("/flows/queues/bookings", form, page=page).status_code == 303
    told = text(ada, "/flows/edit/queues.yaml")
    assert "threshold: 30" in told
    assert "attempts: [5, 30]" in told
    assert "# seconds after which anybody of support may help" in told
    for value in ("-1", "x", "1" * 9, "\u0665"):
        bad = {"was": hidden(ada, page, "was"), "hold_max": value}
        assert ada.send("/flows/queues/bookings", bad, page=page).status_code == 409


def test_files_are_added_taken_away_and_the_draft_thrown_away(still: Services, ada: Browser) -> None:
    page = "/flows/"
    for kind, name in (("prompts", "de"), ("policies", "noise")):
        assert ada.send("/flows/add", {"kind": kind, "name": name}, page=page).status_code == 303
    assert "No fault: nobody can be stranded." in words(ada.get("/flows/check/policies/noise.md"))
    new = "/flows/edit/prompts/de.yaml"
    assert "welcome: # " in text(ada, new)
    for name in ("../x", "a/b", ".x", "", "x" * 300, "hours"):
        assert ada.send("/flows/add", {"kind": "flow", "name": name}, page=page).status_code == 409, name
    assert (
        ada.send("/flows/remove/prompts/de.yaml", {"was": hidden(ada, new, "was")}, page=new).status_code
        == 303
    )
    assert ada.get(new).status_code == 404
    rev = hidden(ada, page, "rev")
    types(ada, text(ada) + "# later\n")
    assert ada.send("/flows/discard", {"rev": rev}, page=page).status_code == 409
    assert ada.send("/flows/discard", {"rev": hidden(ada, page, "rev")}, page=page).status_code == 303
    assert still.store.get(FlowDraft, "ada") is None


@pytest.mark.parametrize(
    "typed",
    [
        "[" * 50_000,
        "\x00",
        "a: &a [*a]",
        "- x",
        "flow: [",
        "\ud7ff\ufffe",
        "x" * 200_001,
        "steps: {a: {say: " + "{" * 900,
    ],
)
def test_whatever_is_typed_it_is_answered_with_faults(ada: Browser, typed: str) -> None:
    status, _ = types(ada, typed)
    assert status == (409 if len(typed) > 200_000 else 200)
    assert ada.get("/flows/check/main.yaml").status_code == 200
    assert ada.get("/flows/hours").status_code == 200
    assert ada.get("/flows/changes").status_code == 200


def test_supervisors_look_and_change_nothing(still: Services, browse: Browse) -> None:
    hire(still, "Boss", Role.SUPERVISOR)
    boss = browse()
    boss.sign_in("Boss")
    for path in (
        "/flows/",
        EDIT,
        "/flows/check/main.yaml",
        "/flows/hours",
        "/flows/queues",
        "/flows/history",
    ):
        assert boss.get(path).status_code == 200, path
    assert boss.send(KEEP, {"text": "x", "over": "1"}).status_code == 403
    assert json.dumps(still.store.send_commands([("KEYS", "draft*")])) == "[[]]"
