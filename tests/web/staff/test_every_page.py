"""The first page, the errors, and what every page tells a browser."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from flask import Flask

from ivr.domain.records.agent import Agent, AgentState, AwayReason, miss_call, reserve
from ivr.services import Services
from ivr.store.queries import change_feed
from ivr.usecases.event_log import audit_log
from tests.usecases.promises.promised import journal
from tests.web.browser import Browser, hire, words

Browse = Callable[[], Browser]
STATIC = Path("ivr/web/static/staff")


@pytest.fixture
def diane(still: Services, browse: Browse) -> Browser:
    hire(still, "Diane")
    browser = browse()
    assert browser.sign_in("Diane").status_code == 303
    return browser


def agent(services: Services) -> Agent:
    found = services.store.get(Agent, "diane")
    assert found is not None
    return found


def put(services: Services, old: Agent, new: Agent) -> None:
    change = services.store.begin()
    change.put(old, new)
    assert services.store.commit(change)


def test_an_agent_sets_their_state_and_says_why_they_are_away(still: Services, diane: Browser) -> None:
    for do, state, why in (
        ("available", AgentState.AVAILABLE, ""),
        ("away lunch", AgentState.AWAY, "lunch"),
        ("away other work", AgentState.AWAY, "other work"),
        ("away", AgentState.AWAY, ""),
        ("offline", AgentState.OFFLINE, ""),
    ):
        assert diane.send("/me/state", {"do": do}).headers["Location"] == "/"
        assert (agent(still).state, agent(still).away_reason) == (state, why)
    diane.send("/me/state", {"do": "away lunch"})
    page = words(diane.get("/"))
    assert "You are away (lunch)." in re.sub(r"<[^>]+>", "", page)
    assert re.findall(r'value="away (.*?)"', page) == ["break", "lunch", "meeting", "training", "other work"]


def test_who_did_it_and_where_stands_in_the_journal(still: Services, diane: Browser) -> None:
    diane.send("/me/state", {"do": "away break"})
    told = journal(still, "agent state")[-1]
    told = {k: told[k] for k in ("agent", "state", "why", "by", "where")}
    assert told == {"agent": "diane", "state": "away", "why": "break", "by": "diane", "where": "desk"}
    done = [(e.event, e.get("by"), e.get("where")) for e in audit_log.iter_audit_log(still, actor_id="diane")]
    assert done == [("signed in", "diane", "desk"), ("agent state", "diane", "desk")]


def test_who_is_busy_finishes_first_and_reads_what_comes_then(still: Services, diane: Browser) -> None:
    diane.send("/me/state", {"do": "available"})
    put(still, agent(still), reserve(agent(still), "o1", still.clock.now()))
    diane.send("/me/state", {"do": "away meeting"})
    assert (agent(still).state, agent(still).state_after_call) == (AgentState.RESERVED, AgentState.AWAY)
    text = re.sub(r"<[^>]+>", "", words(diane.get("/me/state")))
    assert "You are reserved, and will be away (meeting) afterwards." in text


def test_whose_phone_rang_out_is_told_why_they_are_away(still: Services, diane: Browser) -> None:
    diane.send("/me/state", {"do": "available"})
    once = miss_call(reserve(agent(still), "o1", 0), 0)
    put(still, agent(still), miss_call(reserve(once, "o2", 0), 0))
    assert (agent(still).state, agent(still).away_reason) == (AgentState.AWAY, AwayReason.NO_ANSWER)
    assert "rang out twice" in words(diane.get("/"))


@pytest.mark.parametrize("do", ["", "reserved", "on call", "away x", "available lunch x", "<script>"])
def test_a_state_that_cannot_be_set_is_refused(still: Services, diane: Browser, do: str) -> None:
    assert diane.send("/me/state", {"do": do}).status_code == 400
    assert agent(still).state is AgentState.OFFLINE


def test_who_answers_no_telephone_has_no_switch(still: Services, browse: Browse) -> None:
    hire(still, "Ada", phone=False)
    ada = browse()
    ada.sign_in("Ada")
    assert 'value="available"' not in words(ada.get("/"))
    answer = ada.post("/me/state", {"do": "available", "csrf": ada.token("/me/password")})
    assert (answer.status_code, "no telephone" in words(answer)) == (409, True)


def test_a_name_is_text_wherever_it_is_shown(still: Services, browse: Browse) -> None:
    hire(still, "<script>alert(1)</script>\"'><img src=x onerror=alert(1)>")
    browser = browse()
    account = "script_alert_1_script_img_src_x_onerror_alert_1"
    assert browser.sign_in(account).status_code == 303
    for path in ("/", "/me/state", "/me/password"):
        text = browser.get(path).get_data(as_text=True)
        assert "<script>alert" not in text
        assert "<img" not in text
    assert "&lt;script&gt;alert(1)" in browser.get("/").get_data(as_text=True)
    refused = browse().send("/sign-in", {"email": '"><script>x</script>', "password": "x"}, page="/sign-in")
    assert "<script>x" not in refused.get_data(as_text=True)


@pytest.mark.parametrize("path", ["/", "/me/state", "/me/password", "/sign-in", "/live", "/nowhere", "/p2"])
@pytest.mark.parametrize("signed_in", [True, False])
def test_every_page_lets_a_browser_run_nothing_but_our_own_files_and_keep_nothing(
    diane: Browser, browse: Browse, path: str, signed_in: bool
) -> None:
    answer = (diane if signed_in else browse()).get(path, Accept="text/html")
    policy = dict(p.strip().split(" ", 1) for p in answer.headers["Content-Security-Policy"].split(";"))
    assert policy["default-src"] == "'none'"
    assert policy["frame-ancestors"] == "'none'"
    assert policy["base-uri"] == "'none'"
    assert {policy[p] for p in ("script-src", "style-src", "connect-src", "form-action")} == {"'self'"}
    assert "unsafe" not in str(policy)
    headers = answer.headers
    assert (headers["X-Content-Type-Options"], headers["X-Frame-Options"]) == ("nosniff", "DENY")
    assert headers["Referrer-Policy"] == "same-origin"
    assert headers["Cache-Control"] == "no-store"
    assert "Strict-Transport-Security" not in headers  # http here
    answer.close()


@pytest.mark.parametrize("path", ["/", "/me/password", "/sign-in", "/nowhere"])
def test_no_page_brings_a_script_or_a_style_of_its_own_or_anything_from_another_host(
    diane: Browser, path: str
) -> None:
    text = words(diane.get(path, Accept="text/html"))
    assert not re.findall(r"<script(?![^>]* src=)", text)
    assert not re.findall(r"<style|\sstyle=|\son\w+=|javascript:", text)
    for where in re.findall(r'(?:src|href|action)="([^"]*)"', text):
        assert where.startswith(("/", "#")), where
        assert not where.startswith("//")
    for asset in re.findall(r'(?:src|href)="(/static/[^"]*)"', text):
        assert "?v=" in asset
        with diane.get(asset) as found:
            assert found.status_code == 200
    for file in STATIC.iterdir():
        assert not re.findall(r"(?<!xmlns=\")https?://", file.read_text()), file


def test_a_page_that_is_not_there_says_so_in_words_to_people_and_shortly_to_machines(
    diane: Browser, browse: Browse
) -> None:
    page = diane.get("/nowhere", Accept="text/html,*/*;q=0.8")
    assert (page.status_code, "There is no such page" in words(page)) == (404, True)
    assert "first page" in words(page)
    assert "<main" not in words(browse().get("/nowhere"))
    wrong = diane.get("/sign-out", Accept="text/html")
    assert (wrong.status_code, "cannot be done here" in words(wrong)) == (405, True)


def test_a_page_that_fails_says_what_to_do_and_nothing_of_what_failed(
    still: Services, diane: Browser, caplog: pytest.LogCaptureFixture
) -> None:
    still.store.redis.hset("agent:diane", "state", "gone mad")
    page = diane.get("/")
    assert (page.status_code, "This page has failed" in words(page)) == (500, True)
    assert "gone mad" not in words(page)
    assert "Traceback" not in words(page)
    assert "gone mad" in caplog.text
    assert "no-store" in page.headers["Cache-Control"]


def test_what_is_served_is_read_in_one_round_trip(still: Services, diane: Browser) -> None:
    def commands() -> int:
        return int(still.store.redis.info("commandstats").get("cmdstat_hgetall", {"calls": 0})["calls"])

    before = commands()
    diane.get("/")
    assert commands() - before == 2  # account and agent, with the sign-in and the head of the stream


def test_a_page_knows_from_where_on_it_must_hear_what_changes(still: Services, diane: Browser) -> None:
    before = still.store.read(change_feed.get_last_id())
    page = words(diane.get("/"))
    assert f'data-since="{before}"' in page
    put(still, agent(still), replace(agent(still), name="Diane"))
    assert change_feed.parse_entry_id(
        still.store.read(change_feed.get_last_id())
    ) > change_feed.parse_entry_id(before)


def test_large_bodies_and_many_fields_are_refused_and_said(
    still: Services, diane: Browser, staff_app: Callable[..., Flask]
) -> None:
    answer = diane.post("/me/state", {"do": "x" * 2_000_000})
    assert (answer.status_code, "too much" in words(answer)) == (413, True)
