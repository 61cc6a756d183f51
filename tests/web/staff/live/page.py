"""A page that listens, as a test reads it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from http.client import HTTPResponse

from ivr.domain.records.agent import AgentState
from ivr.services import Services
from ivr.store.queries import change_feed
from ivr.usecases.staff import accounts, roster, sessions
from ivr.web.staff.live.events import EventStream
from ivr.web.staff.live.hub import Hub
from tests.web.browser import Browser

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


def events(tab: HTTPResponse) -> Iterator[Event]:
    lines = []
    while line := tab.readline().decode():
        lines.append(line)
        if line == "\n":
            event, lines = read("".join(lines)), []
            if event:
                yield event
