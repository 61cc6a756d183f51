"""Real calls of the last days, run through a draft of the flows beside those that are published."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace

from ivr.domain.records.contact import Contact
from ivr.flow.model import Flow, Library
from ivr.flow.replay import Call, Did, Pair, rehearse
from ivr.flow.steps.menu import Menu
from ivr.services import RedisServices
from ivr.store import keys
from ivr.usecases.customers import caller_context

PAGE = 500
NOTICEABLE = 1.0  # seconds


@dataclass(kw_only=True)
class Tally:
    """What a rehearsal has come to so far. Seconds and keys are sums over the calls that were compared."""

    calls: int = 0
    unknown: int = 0  # hung up before anything was asked of them, or came when nothing of ours ran
    elsewhere: int = 0
    sooner: int = 0
    later: int = 0
    live_seconds: float = 0.0
    draft_seconds: float = 0.0
    live_keys: int = 0
    draft_keys: int = 0
    guessed: int = 0
    differ: int = 0  # in where, when or after how many keys they end
    ends: dict[tuple[str, str], int] = field(default_factory=dict)  # (live, draft) -> calls

    def add(self, pair: Pair) -> None:
        self.calls += 1
        self.elsewhere += pair.elsewhere
        self.differ += differs(pair)
        self.sooner += pair.sooner >= NOTICEABLE
        self.later += pair.sooner <= -NOTICEABLE
        self.live_seconds += pair.live.seconds
        self.draft_seconds += pair.draft.seconds
        self.live_keys += pair.live.keys
        self.draft_keys += pair.draft.keys
        self.guessed += bool(set(pair.draft.guessed) - set(pair.live.guessed))
        ends = (pair.live.end, pair.draft.end)
        self.ends[ends] = self.ends.get(ends, 0) + 1


def differs(pair: Pair) -> bool:
    return pair.elsewhere or abs(pair.sooner) >= NOTICEABLE or pair.live.keys != pair.draft.keys


def calls(s: RedisServices, since: float, until: float = float("inf")) -> Iterator[Contact]:
    """Contacts that came since then, oldest first. Epoch seconds."""
    names = _names(s, since, until)
    for at in range(0, len(names), PAGE):
        yield from s.store.get_all(Contact, names[at : at + PAGE])


def _names(s: RedisServices, since: float, until: float) -> list[str]:
    top = "+inf" if until == float("inf") else f"({until}"
    (names,) = s.store.read([("ZRANGEBYSCORE", keys.everyone("contact"), since, top)])
    return list(names)


def run(
    s: RedisServices, draft: Library, since: float, tally: Tally, until: float = float("inf")
) -> Iterator[Pair]:
    """Each call that can be compared, oldest first; `tally` counts them, and those that cannot."""
    yield from _compared(s, draft, calls(s, since, until), tally)


@dataclass(frozen=True, kw_only=True)
class Part:
    """Some of the calls. `looked`, `of`: how many of how many were looked at so far."""

    pairs: tuple[Pair, ...]
    looked: int
    of: int


def some(
    s: RedisServices, draft: Library, span: tuple[float, float], tally: Tally, *, skip: int, most: int = 40
) -> Part:
    """The next calls that came within `span`, epoch seconds, after the first `skip`: a page asks for them part by part."""
    names = _names(s, *span)
    contacts = s.store.get_all(Contact, names[skip : skip + most])
    pairs = tuple(_compared(s, draft, contacts, tally))
    return Part(pairs=pairs, looked=min(len(names), skip + most), of=len(names))


def _compared(s: RedisServices, draft: Library, contacts: Iterable[Contact], tally: Tally) -> Iterator[Pair]:
    live = s.library
    for contact in contacts:
        call = as_made(s, live, contact)
        if call is None:
            tally.unknown += 1
            continue
        pair = rehearse(live, draft, call)
        tally.add(pair)
        yield pair


def as_made(s: RedisServices, live: Library, contact: Contact) -> Call | None:
    """None: nothing is known of what they did."""
    did = tuple(
        Did(step=step, what=what)
        for entry in contact.path.split()
        if (step := entry.partition("=")[0]) and (what := entry.partition("=")[2])
    )
    if not did and not contact.arrived:
        return None
    situation = caller_context.situation(s, contact, contact.opened)
    busy = json.loads(contact.busy or '{"free": {}, "estimate": {}}')
    return Call(
        id=contact.id,
        line=contact.line,
        language=_began_in(live.for_line(contact.line), did, contact),
        situation=replace(situation, agents_free=busy["free"], estimate=busy["estimate"]),
        did=did,
    )


def _began_in(flow: Flow, did: tuple[Did, ...], contact: Contact) -> str:
    """The contact keeps the language that it ended in."""
    menus = {name: step for name, step in flow.steps.items() if isinstance(step, Menu)}
    chose = any(
        option.language
        for entry in did
        if entry.step in menus
        for option in menus[entry.step].options
        if option.key == entry.what.removeprefix("words:")
    )
    return flow.languages[0] if chose else contact.language
