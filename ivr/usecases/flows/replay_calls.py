"""Real calls of the last days, run through a draft of the flows beside those that are published."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace

from ivr.domain.records.contact import Contact
from ivr.flow.model import Flow, Library
from ivr.flow.replay import CallerAction, RecordedCall, ReplayComparison, compare_replays
from ivr.flow.steps.menu import MenuStep
from ivr.services import RedisServices
from ivr.store.queries import created_index
from ivr.usecases.customers import caller_context

PAGE_SIZE = 500
NOTICEABLE_SECONDS = 1.0  # seconds


@dataclass(kw_only=True)
class ReplayTally:
    """What a replay has come to so far. Seconds and keys are sums over the calls that were compared."""

    calls: int = 0
    not_comparable: int = 0  # hung up before anything was asked of them, or came when nothing of ours ran
    other_destination: int = 0
    faster: int = 0
    slower: int = 0
    published_seconds: float = 0.0
    draft_seconds: float = 0.0
    published_keys: int = 0
    draft_keys: int = 0
    guessed: int = 0
    different: int = 0  # in where, when or after how many keys they end
    ends: dict[tuple[str, str], int] = field(default_factory=dict)  # (live, draft) -> calls

    def add(self, pair: ReplayComparison) -> None:
        self.calls += 1
        self.other_destination += pair.has_other_destination
        self.different += is_different(pair)
        self.faster += pair.seconds_saved >= NOTICEABLE_SECONDS
        self.slower += pair.seconds_saved <= -NOTICEABLE_SECONDS
        self.published_seconds += pair.published.seconds
        self.draft_seconds += pair.draft.seconds
        self.published_keys += pair.published.keys
        self.draft_keys += pair.draft.keys
        self.guessed += bool(set(pair.draft.guessed_steps) - set(pair.published.guessed_steps))
        ends = (pair.published.destination, pair.draft.destination)
        self.ends[ends] = self.ends.get(ends, 0) + 1


def is_different(pair: ReplayComparison) -> bool:
    return (
        pair.has_other_destination
        or abs(pair.seconds_saved) >= NOTICEABLE_SECONDS
        or pair.published.keys != pair.draft.keys
    )


def iter_contacts(s: RedisServices, since: float, until: float = float("inf")) -> Iterator[Contact]:
    """Contacts that came since then, oldest first. Epoch seconds."""
    names = s.store.read(created_index.list_created_between(Contact.record_type, since, until))
    for at in range(0, len(names), PAGE_SIZE):
        yield from s.store.get_many(Contact, names[at : at + PAGE_SIZE])


def replay_all(
    s: RedisServices, draft: Library, since: float, tally: ReplayTally, until: float = float("inf")
) -> Iterator[ReplayComparison]:
    """Each call that can be compared, oldest first; `tally` counts them, and those that cannot."""
    yield from _compare_calls(s, draft, iter_contacts(s, since, until), tally)


@dataclass(frozen=True, kw_only=True)
class ReplayPage:
    """Some of the calls. `replayed`, `total`: how many of how many were looked at so far."""

    pairs: tuple[ReplayComparison, ...]
    replayed: int
    total: int


def replay_page(
    s: RedisServices,
    draft: Library,
    span: tuple[float, float],
    tally: ReplayTally,
    *,
    skip: int,
    limit: int = 40,
) -> ReplayPage:
    """The next calls that came within `span`, epoch seconds, after the first `skip`: a page asks for them part by part."""
    names = s.store.read(created_index.list_created_between(Contact.record_type, *span))
    contacts = s.store.get_many(Contact, names[skip : skip + limit])
    pairs = tuple(_compare_calls(s, draft, contacts, tally))
    return ReplayPage(pairs=pairs, replayed=min(len(names), skip + limit), total=len(names))


def _compare_calls(
    s: RedisServices, draft: Library, contacts: Iterable[Contact], tally: ReplayTally
) -> Iterator[ReplayComparison]:
    live = s.library
    for contact in contacts:
        call = rebuild_call(s, live, contact)
        if call is None:
            tally.not_comparable += 1
            continue
        pair = compare_replays(live, draft, call)
        tally.add(pair)
        yield pair


def rebuild_call(s: RedisServices, published: Library, contact: Contact) -> RecordedCall | None:
    """None: nothing is known of what they did."""
    did = tuple(
        CallerAction(step=step, action=what)
        for entry in contact.flow_progress.path.split()
        if (step := entry.partition("=")[0]) and (what := entry.partition("=")[2])
    )
    if not did and not contact.queue_place.queued_at:
        return None
    situation = caller_context.unpack_context(s, contact, contact.started_at)
    busy = json.loads(contact.flow_progress.queue_estimate or '{"free": {}, "estimate": {}}')
    return RecordedCall(
        id=contact.id,
        called_number=contact.caller.called_number,
        language=_initial_language(published.get_flow_for_number(contact.caller.called_number), did, contact),
        caller=replace(situation, agents_free=busy["free"], estimate=busy["estimate"]),
        actions=did,
    )


def _initial_language(flow: Flow, did: tuple[CallerAction, ...], contact: Contact) -> str:
    """The contact keeps the language that it ended in."""
    menus = {name: step for name, step in flow.steps.items() if isinstance(step, MenuStep)}
    chose = any(
        option.language
        for entry in did
        if entry.step in menus
        for option in menus[entry.step].options
        if option.key == entry.action.removeprefix("words:")
    )
    return flow.languages[0] if chose else contact.caller.language
