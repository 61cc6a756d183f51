"""Who may listen to events, the reader behind them, and what it costs the line."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import replace
from http.client import HTTPConnection, HTTPResponse
from typing import Any
from urllib.parse import urlencode, urlsplit

import pytest

from ivr.cli.demo.stage import Stage
from ivr.domain.actor import SYSTEM
from ivr.domain.records.agent import AgentState
from ivr.services import Services
from ivr.store.change import CHANGE_FEED_MAX_LENGTH
from ivr.usecases.staff import accounts, roster, sessions
from ivr.web.staff.live.hub import MAX_PAGES_PER_ACCOUNT, Hub, TooManyPages
from tests.conftest import MONDAY_TWO_PM
from tests.usecases.promises.promised import set_clock
from tests.web.browser import PASSWORD, hire
from tests.web.staff.live.page import Browse, Page, events, set_state


def test_a_page_is_told_at_once_that_its_sign_in_has_ended_and_no_other_page(
    still: Services, hub: Hub
) -> None:
    hire(still, "Diane")
    hire(still, "Vicki")
    diane = Page(s=still, hub=hub, topics="agents", who="Diane", beat=60)  # so it is no beat that tells it
    other, vicki = (Page(s=still, hub=hub, topics="agents", who=who) for who in ("Diane", "Vicki"))
    for page in (diane, other, vicki):
        page.ready()
    signed = sessions.load_session(still, diane.ticket)
    assert signed is not None
    began = time.monotonic()
    sessions.end_session(still, signed)
    assert diane.next("over").name == "over"
    assert time.monotonic() - began < 30
    assert next(diane.events, None) is None
    assert {next(other.events).name for _ in range(3)} <= {"beat", "changed"}
    accounts.set_password(still, "Diane", "another one of hers", actor=SYSTEM)
    assert other.next("over").name == "over"
    assert {next(vicki.events).name for _ in range(3)} == {"beat"}


def test_an_open_page_does_not_outlast_the_shift(still: Services, hub: Hub) -> None:
    hire(still, "Diane")
    page = Page(s=still, hub=hub, topics="agents")
    page.ready()
    set_clock(still, MONDAY_TWO_PM + 12 * 3600 + 1)
    assert page.next("over").name == "over"


def test_whoever_has_not_signed_in_hears_nothing(browse: Browse) -> None:
    answer = browse().get("/live?on=agents", Accept="text/event-stream", Calor_Background="1")
    assert (answer.status_code, answer.mimetype) == (401, "text/plain")


def test_one_person_cannot_take_the_places_of_everybody(still: Services, browse: Browse) -> None:
    hire(still, "Diane")
    diane = browse()
    diane.sign_in("Diane")
    hub: Hub = diane.app.extensions["hub"]
    held = [hub.subscribe(frozenset({"agents"}), "diane") for _ in range(MAX_PAGES_PER_ACCOUNT)]
    with pytest.raises(TooManyPages):
        hub.subscribe(frozenset(), "diane")
    answer = diane.get("/live?on=agents", Calor_Background="1")
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "30")
    hub.unsubscribe(hub.subscribe(frozenset(), "vicki"))
    for listener in held:
        hub.unsubscribe(listener)
        hub.unsubscribe(listener)
    with diane.get("/live?on=agents") as again:
        assert again.status_code == 200
    with diane.client.head("/live?on=agents", base_url=diane.base) as looked:
        assert looked.status_code == 200
    assert hub._listeners == set()  # noqa: SLF001
    assert dict(hub._by_topic) == {}  # noqa: SLF001


def readers(services: Services) -> list[dict[str, Any]]:
    clients: Any = services.store.redis.client_list()
    return [c for c in clients if c["cmd"].startswith("xread")]


def eventually(true: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 10
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.02)  # noqa: TID251 - another thread must get there


def test_however_many_pages_listen_one_connection_reads(still: Services, hub: Hub) -> None:
    hire(still, "Diane")
    before = len(still.store.redis.client_list())
    listeners = [hub.subscribe(frozenset({"agents"}), f"p{n}") for n in range(200)]
    eventually(lambda: len(readers(still)) == 1)
    assert len(still.store.redis.client_list()) <= before + 2  # it, and its look at the head
    for listener in listeners:
        hub.unsubscribe(listener)
    eventually(lambda: not readers(still))
    hub.subscribe(frozenset({"agents"}), "p1")
    eventually(lambda: len(readers(still)) == 1)


def test_a_reader_whose_connection_breaks_goes_on_where_it_was(still: Services, hub: Hub) -> None:
    hire(still, "Diane")
    page = Page(s=still, hub=hub, topics="agent:diane")
    page.ready()
    for _ in range(3):
        eventually(lambda: len(readers(still)) == 1)
        still.store.redis.client_kill_filter(_id=readers(still)[0]["id"])
        set_state(still, "Diane")
        assert page.next().topics == {"agent:diane"}


def test_whoever_closes_ends_every_page(still: Services, hub: Hub) -> None:
    hire(still, "Diane")
    page = Page(s=still, hub=hub, topics="agents", beat=60)
    page.ready()
    threading.Timer(0.2, hub.close).start()
    assert next(page.events, None) is None or next(page.events, None) is None
    with pytest.raises(TooManyPages):
        hub.subscribe(frozenset(), "diane")


def test_the_stream_is_written_by_the_change_itself_and_is_trimmed(still: Services) -> None:
    hire(still, "Diane")
    change = still.store.begin()
    change.put(None, replace(accounts.find_account(still, "Diane"), id="x", version=0))
    built = change.build()
    assert [op[:5] for op in built["ops"] if op[0] == "XADD"] == [
        ["XADD", "change_feed", "MAXLEN", "~", str(CHANGE_FEED_MAX_LENGTH)]
    ]
    empty = still.store.begin()
    empty.append_command("SET", "x", "y")
    assert all(op[0] != "XADD" for op in empty.build()["ops"])


def test_two_tabs_of_one_person_hear_what_a_terminal_does(stage: Stage) -> None:
    hire(stage.services, "Diane")
    where = urlsplit(stage.settings.public_url)
    with ExitStack() as open_:

        def ask(method: str, path: str, cookies: str = "", body: str = "") -> HTTPResponse:
            wire = HTTPConnection(where.hostname or "", where.port, timeout=20)
            open_.callback(wire.close)
            headers = {"Cookie": cookies, "Content-Type": "application/x-www-form-urlencoded"}
            wire.request(method, path, body or None, headers)
            answer = wire.getresponse()
            open_.callback(answer.close)
            return answer

        held = signed_in(ask)
        tabs = [ask("GET", "/live?on=agent:diane", held) for _ in range(2)]
        for tab in tabs:
            assert next(events(tab)).name == "beat"
        roster.set_state(stage.services, "Diane", AgentState.AVAILABLE)
        for tab in tabs:
            assert next(events(tab)).topics == {"agent:diane"}
        assert "You are <strong>available</strong>" in ask("GET", "/me/state", held).read().decode()


def signed_in(ask: Callable[..., HTTPResponse]) -> str:
    """Diane's cookies."""
    form = ask("GET", "/sign-in")
    visit = (form.headers["Set-Cookie"] or "").partition(";")[0]
    token = form.read().decode().partition('name="csrf" value="')[2].partition('"')[0]
    body = urlencode({"csrf": token, "email": "diane@example.com", "password": PASSWORD})
    answer = ask("POST", "/sign-in", visit, body)
    assert answer.status == 303
    return "; ".join(c.partition(";")[0] for c in answer.headers.get_all("Set-Cookie") or ())
