"""What changes is told to every page that shows it, once, and nothing is missed, whatever happens to the connection."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, replace
from http.client import HTTPConnection, HTTPResponse
from typing import Any
from urllib.parse import urlencode, urlsplit

import pytest

from ivr.cli.demo.stage import Stage
from ivr.domain.actor import SYSTEM
from ivr.domain.records.agent import AgentState
from ivr.domain.records.customer import Customer
from ivr.services import Services
from ivr.store import keys
from ivr.store.change import CHANGE_FEED_MAX_LENGTH
from ivr.store.queries import change_feed
from ivr.usecases.customers import case_thread
from ivr.usecases.staff import accounts, roster, sessions
from ivr.web.staff.live.events import EventStream
from ivr.web.staff.live.hub import MAX_PAGES_PER_ACCOUNT, MAX_UNREAD_ENTRIES, Hub, PageListener, TooManyPages
from tests.conftest import MONDAY_TWO_PM
from tests.usecases.promises.promised import owe, set_clock
from tests.web.browser import PASSWORD, Browser, hire

Browse = Callable[[], Browser]


@dataclass(frozen=True, kw_only=True)
class Event:
    name: str
    id: str
    data: str

    @property
    def topics(self) -> set[str]:
        return set(self.data.split())


def read(text: str) -> Event | None:
    lines = dict(line.split(": ", 1) for line in text.strip().splitlines() if ": " in line)
    return (
        Event(name=lines["event"], id=lines["id"], data=lines.get("data", "")) if "event" in lines else None
    )


@pytest.fixture
def hub(still: Services) -> Iterator[Hub]:
    made = Hub(lambda: still)
    yield made
    made.close()


@dataclass(kw_only=True)
class Page:
    """An open page, without a browser."""

    s: Services
    hub: Hub
    topics: str
    who: str = "Diane"
    since: str = ""
    beat: float = 0.3

    def __post_init__(self) -> None:
        account = accounts.find_account(self.s, self.who)
        self.ticket = sessions.begin_session(self.s, account)
        since = self.since or self.s.store.read(change_feed.get_last_id())
        self.listener = self.hub.subscribe(frozenset(self.topics.split()) | {account.key}, account.id)
        stream = EventStream(
            services=self.s,
            hub=self.hub,
            listener=self.listener,
            cookie=self.ticket,
            heartbeat_seconds=self.beat,
        )
        self.events = (e for e in map(read, stream.iter_events(since)) if e)

    def next(self, name: str = "changed") -> Event:
        """Past the beats; fails when nothing comes."""
        for _ in range(20):
            event = next(self.events)
            if event.name == name:
                return event
        raise AssertionError(f"no {name}")

    def ready(self) -> None:
        assert next(self.events).name == "beat"


def set_state(services: Services, name: str, state: AgentState = AgentState.AVAILABLE) -> None:
    roster.set_state(services, name, state)


def test_a_page_is_told_what_it_shows_and_nothing_else(still: Services, hub: Hub) -> None:
    hire(still, "Diane")
    hire(still, "Vicki")
    page = Page(s=still, hub=hub, topics="agent:diane")
    page.ready()
    set_state(still, "Vicki")
    set_state(still, "Diane")
    told = page.next()
    assert told.topics == {"agent:diane"}
    assert told.id == still.store.read(change_feed.get_last_id())
    assert next(page.events).name == "beat"


def test_a_promise_is_news_for_whoever_looks_at_all_of_them_at_its_queue_and_its_case(
    still: Services, hub: Hub
) -> None:
    hire(still, "Diane")
    pages = {t: Page(s=still, hub=hub, topics=t) for t in ("promises", "queue:support", "queues", "cases")}
    for page in pages.values():
        page.ready()
    promise = owe(still)
    for topic in ("promises", "queue:support", "queues"):
        assert topic in pages[topic].next().topics
    change = still.store.begin()
    case_thread.add_entry("k1", "note", change, words="what she said")
    assert still.store.commit(change)
    assert pages["cases"].next().topics == {"cases"}
    told = str(still.store.redis.xrange(keys.CHANGE_FEED))
    assert f"promise:{promise.id}" in told
    assert "case:k1" in told


def test_no_number_and_no_word_of_anybody_stands_in_the_stream(still: Services) -> None:
    promise = owe(still)
    change = still.store.begin()
    change.put(None, Customer(id="+12025550177", name="Lori Miller"))
    case_thread.add_entry("k1", "note", change, words="what she said")
    assert still.store.commit(change)
    told = str(still.store.redis.xrange(keys.CHANGE_FEED))
    assert promise.id in told
    for private in ("+1", "5550", "Lori", "said"):
        assert private not in told


def test_what_happened_between_the_page_and_its_connection_is_told_first(still: Services, hub: Hub) -> None:
    hire(still, "Diane")
    since = still.store.read(change_feed.get_last_id())
    set_state(still, "Diane")
    page = Page(s=still, hub=hub, topics="agent:diane", since=since)
    assert next(page.events).topics == {"agent:diane"}
    page.ready()


def entries(services: Services, since: str = "-") -> list[tuple[str, dict[str, str]]]:
    found: Any = services.store.redis.xrange(keys.CHANGE_FEED, since)
    return list(found)


def test_after_a_reconnect_what_was_missed_comes_from_the_stream_and_once(
    still: Services, browse: Browse
) -> None:
    hire(still, "Diane")
    hire(still, "Vicki")
    diane = browse()
    diane.sign_in("Diane")
    before = still.store.read(change_feed.get_last_id())
    for name in ("Diane", "Vicki", "Diane"):
        set_state(still, name)
    ids = [name for name, told in entries(still, f"({before}") if "diane" in str(told)]
    for since, header, missed in (
        (before, "", ids),
        ("0-0", ids[0], ids[1:]),  # what the browser heard last goes before what the page began with
        (ids[1], "", []),
        ("", ids[1], []),
        ("nonsense", "\x00", []),
    ):
        sent = {"Last-Event-ID": header} if header.isprintable() and header else {}
        with diane.client.get(
            f"/live?{urlencode({'on': 'agent:diane', 'since': since})}", base_url=diane.base, headers=sent
        ) as answer:
            assert answer.mimetype == "text/event-stream"
            assert answer.headers["X-Accel-Buffering"] == "no"
            got = []
            for chunk in answer.response:
                event = read(chunk.decode() if isinstance(chunk, bytes) else chunk)
                if event and event.name == "beat":
                    break
                if event:
                    got.append(event.id)
            assert got == missed, (since, header)


def test_what_cannot_be_told_one_by_one_is_told_as_everything(still: Services, hub: Hub) -> None:
    hire(still, "Diane")
    old = still.store.read(change_feed.get_last_id())
    for _ in range(5):
        set_state(still, "Diane")
    still.store.redis.xtrim(keys.CHANGE_FEED, maxlen=2, approximate=False)
    (news,) = change_feed.list_entries_after(still.store, old, limit=500)
    assert news.topics == change_feed.ALL_TOPICS  # trimmed
    ahead = "99999999999999-0"
    (news,) = change_feed.list_entries_after(still.store, ahead, limit=500)
    assert (news.topics, news.id) == (
        change_feed.ALL_TOPICS,
        still.store.read(change_feed.get_last_id()),
    )  # another record, restored
    page = Page(s=still, hub=hub, topics="agent:vicki", since=old)
    assert next(page.events).topics == {"*"}
    (many,) = change_feed.list_entries_after(still.store, entries(still)[0][0], limit=0)
    assert many.topics == change_feed.ALL_TOPICS


def test_a_record_that_went_back_is_noticed_and_everything_is_looked_at_anew(
    still: Services, hub: Hub
) -> None:
    hire(still, "Diane")
    page = Page(s=still, hub=hub, topics="agent:diane")
    page.ready()
    still.store.redis.delete(keys.CHANGE_FEED)
    still.store.redis.xadd(keys.CHANGE_FEED, {"topics": "agent:vicki"}, id="5-0")
    assert page.next().topics == {"*"}
    still.store.redis.xadd(keys.CHANGE_FEED, {"topics": "agent:diane"}, id="6-0")
    assert page.next().topics == {"agent:diane"}


def test_nothing_is_missed_and_nothing_told_twice_while_pages_come_and_changes_are_made(
    still: Services, hub: Hub
) -> None:
    hire(still, "Diane")
    start, made, stop = still.store.read(change_feed.get_last_id()), list[str](), threading.Event()

    def write() -> None:
        while not stop.is_set():
            name = still.store.redis.xadd(keys.CHANGE_FEED, {"topics": f"agent:n{len(made)} agent:diane"})
            made.append(str(name))
            time.sleep(0.0005)  # noqa: TID251 - another process writes meanwhile

    writer = threading.Thread(target=write)
    writer.start()
    pages = [Page(s=still, hub=hub, topics="agents", since=start, who="Diane") for _ in range(5)]
    heard = [[next(page.events) for _ in range(40)] for page in pages]
    stop.set()
    writer.join()
    for page, events in zip(pages, heard, strict=True):
        while events[-1].id != made[-1]:
            events.append(next(page.events))
        ids = [e.id for e in events if e.name == "changed"]
        assert ids == sorted(set(ids), key=change_feed.parse_entry_id)
        assert [e.id for e in events] == sorted((e.id for e in events), key=change_feed.parse_entry_id)
        # one by one, or several as one up to the last of them: none of them after it
        assert change_feed.parse_entry_id(ids[0]) >= change_feed.parse_entry_id(made[0])
        assert ids[-1] == made[-1]


def test_each_entry_reaches_each_listener(still: Services, hub: Hub) -> None:
    hire(still, "Diane")
    listeners = [hub.subscribe(frozenset({f"agent:n{n}"}), f"p{n}") for n in range(60)]
    for n in range(60):
        still.store.redis.xadd(keys.CHANGE_FEED, {"topics": f"agent:n{n}"})
    for n, listener in enumerate(listeners):
        news = listener.wait_for_entries(5)
        assert news is not None
        assert news.topics == {f"agent:n{n}"}
        assert listener.wait_for_entries(0) is None


def test_a_beat_says_how_far_a_page_has_been_told_so_that_little_is_read_after_a_reconnect(
    still: Services, hub: Hub
) -> None:
    hire(still, "Diane")
    hire(still, "Vicki")
    page = Page(s=still, hub=hub, topics="agent:diane")
    page.ready()
    set_state(still, "Vicki")
    head = still.store.read(change_feed.get_last_id())
    assert any(next(page.events).id == head for _ in range(5))


def test_a_page_that_does_not_keep_up_is_told_to_look_at_everything(still: Services) -> None:
    slow = PageListener(frozenset({"agents"}), "diane")
    for n in range(MAX_UNREAD_ENTRIES + 5):
        slow.add_entry(change_feed.FeedEntry(id=f"{n + 1}-0", topics=frozenset({"agents"})))
    news = slow.wait_for_entries(0)
    assert news is not None
    assert news.topics == change_feed.ALL_TOPICS
    slow.add_entry(change_feed.FeedEntry(id="999-0", topics=frozenset({"agents"})))
    news = slow.wait_for_entries(0)
    assert news is not None
    assert news.topics == {"agents"}


# ---- who may listen


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


# ---- the reader


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


# ---- what it costs the line


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


# ---- the whole of it, over HTTP and gevent


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


def events(tab: HTTPResponse) -> Iterator[Event]:
    lines = []
    while line := tab.readline().decode():
        lines.append(line)
        if line == "\n":
            event, lines = read("".join(lines)), []
            if event:
                yield event
