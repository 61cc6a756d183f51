"""Contacts, promises and texts of a restored record, brought up to date by what Twilio tells of the time since (see run.py).

A call that was used has an owner (`leg:`), so that it counts once however often this is done.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime

import structlog

from ivr.domain.errors import CallGone
from ivr.domain.records.contact import LIVE, Contact, ContactState, Outcome
from ivr.domain.records.customer import Text, TextState
from ivr.domain.records.promise import ENDED, IN_LINE, UNDER_WAY, Promise, PromiseState
from ivr.domain.records.quarantine import Found, Quarantine
from ivr.domain.rules.call_evidence import TALKED, Seen, Verdict, judge, talked_after, tries
from ivr.services import Services, id_of
from ivr.store import keys
from ivr.store.change import Change
from ivr.store.queries import contacts
from ivr.usecases.contacts import hangups, outcome
from ivr.usecases.dialing import number_lock
from ivr.usecases.promises import lifecycle as promise_lifecycle
from ivr.usecases.quarantine import state as quarantine_state
from ivr.usecases.queueing import membership
from ivr.usecases.restore.twilio_history import Meanwhile

log = structlog.get_logger()

RESTORED = "restored"  # instead of the agent's word, which is lost
LEG = 172800  # seconds, as in `Change.leg`


def owner(s: Services, call: str) -> str:
    """Whose leg this is by the record, or "" when it is nobody's."""
    member = contacts.member_of_leg(s.store, call)
    known = s.store.get(Contact, id_of(call))
    return member or (known.member if known else "")


# ---- what is open by the record


def a_contact(s: Services, found: Meanwhile, held: Quarantine, name: str) -> None:
    """A caller who was on the line then, and is not now."""
    contact = s.store.get(Contact, name)
    if contact is None or contact.state not in LIVE or contact.opened >= held.began:
        return
    if contact.state is ContactState.CALLING or not contact.call:
        return  # its promise knows
    leg = found.calls.get(contact.call) or _fetched(s, contact.call, held)
    if leg.live:
        return
    talked = contact.talked or found.met(name, leg.at, leg.ended) >= TALKED
    if talked or talked_after(found.of(contact.number), leg.ended):
        _write(s, contact.member, lambda change: _helped(s, name, contact.call, change))
    else:
        hangups.caller_gone(s, name, contact.call)


def _fetched(s: Services, call: str, held: Quarantine) -> Seen:
    """A call that began long before the moment of the record."""
    try:
        facts = s.telephony.fetch_call(call)
    except CallGone:
        return Seen(call=call, at=held.since, ended=held.since)
    ended = facts.ended.timestamp() if facts.ended else 0.0
    return Seen(call=call, at=facts.created.timestamp(), ended=ended, live=facts.live)


def _helped(s: Services, name: str, call: str, change: Change) -> None:
    contact = s.store.get(Contact, name)
    if contact is None or contact.state is ContactState.ENDED:
        return
    if not contact.talked:
        change.journal("talk started", contact=name)  # as Twilio tells it; our own word of it is lost
    owed = s.store.get(Promise, contact.promise)
    if owed is not None and owed.state is PromiseState.MERGED:
        promise_lifecycle.end(s, owed, PromiseState.KEPT, change)
    outcome.end(s, replace(contact, talked=True, word=contact.word or RESTORED), Outcome.HELPED, change)
    quarantine_state.note(Found(what="talked", contact=name, call=call), change)


def a_promise(s: Services, found: Meanwhile, held: Quarantine, name: str) -> None:
    promise = s.store.get(Promise, name)
    contact = s.store.get(Contact, promise.contact) if promise else None
    if promise is None or promise.state in ENDED or promise.state is PromiseState.MERGED:
        return
    if contact is not None and contact.opened >= held.began:
        return
    seen = [_met(found, promise, one) for one in found.of(promise.number) if _counts(s, promise, one)]
    verdict = judge(seen)
    if verdict is Verdict.LIVE:
        return
    if promise.state is PromiseState.TALKING and contact is not None and contact.talked:
        verdict = Verdict.KEPT
    _write(s, promise.member, lambda change: _HOW[verdict](s, name, seen, change))


def _met(found: Meanwhile, promise: Promise, one: Seen) -> Seen:
    """Who picked up a callback talked only while its room was there: they may have waited for the next agent."""
    if one.inbound or one.live:
        return one
    return replace(one, together=min(one.together, found.met(promise.contact, one.at, one.ended)))


def _counts(s: Services, promise: Promise, one: Seen) -> bool:
    """Not a call that this record knows how it ended."""
    if promise.call == one.call and promise.state in UNDER_WAY:
        return True
    return not owner(s, one.call)


def _kept(s: Services, name: str, seen: list[Seen], change: Change) -> None:
    promise = s.store.get(Promise, name)
    contact = s.store.get(Contact, promise.contact) if promise else None
    if promise is None or promise.state in ENDED:
        return
    talk = next((one.call for one in seen if one.talked), promise.call)
    if promise.state in IN_LINE:
        membership.leave_promise(promise, change)
    fence = promise.fence + 1
    talking = change.put(promise, replace(promise, state=PromiseState.TALKING, call=talk, fence=fence))
    change.leg(talk, talking)
    _tell_the_way(promise, fence, change)
    number_lock.free(s, promise.number, name, promise.fence, change)
    promise_lifecycle.end(s, talking, PromiseState.KEPT, change)
    if contact is not None:
        outcome.end(s, replace(contact, talked=True, word=RESTORED), Outcome.HELPED, change)
    quarantine_state.note(Found(what="kept", promise=name, contact=promise.contact, call=talk), change)


def _tell_the_way(promise: Promise, fence: int, change: Change) -> None:
    """What the lost journal told of it, so that this one tells a whole story."""
    if promise.state not in (PromiseState.DIALLING, PromiseState.TALKING):
        change.journal("dialling", promise=promise.id, contact=promise.contact, fence=fence)
    if promise.state is not PromiseState.TALKING:
        change.journal("picked up", promise=promise.id, contact=promise.contact)


def _tried(s: Services, name: str, seen: list[Seen], change: Change) -> None:
    """As many attempts as there were calls; the next one when the quarantine is lifted."""
    _open_again(s, name, change, attempts=tries(seen))
    for one in seen:
        change.op("SET", keys.leg(one.call), f"promise:{name}", "EX", LEG)
        if not one.inbound:
            change.journal("attempt failed", promise=name, why="before the record was restored")
            quarantine_state.note(Found(what="tried", promise=name, call=one.call), change)


def _unclear(s: Services, name: str, seen: list[Seen], change: Change) -> None:
    _open_again(s, name, change, attempts=tries(seen))
    for one in seen:
        change.op("SET", keys.leg(one.call), f"promise:{name}", "EX", LEG)
        unclear = one.answered and not one.inbound and not one.machine
        quarantine_state.note(Found(what="answered", promise=name, call=one.call, unclear=unclear), change)


def _nothing(s: Services, name: str, seen: list[Seen], change: Change) -> None:
    del seen
    _open_again(s, name, change, attempts=0)


def _open_again(s: Services, name: str, change: Change, *, attempts: int) -> None:
    """Out of the line and of everybody's hands, with its place: what was under way then is over."""
    promise = s.store.get(Promise, name)
    if promise is None or promise.state in ENDED:
        return
    waits = promise.state is PromiseState.MADE
    if waits and not attempts:
        return
    contact = s.store.get(Contact, promise.contact)
    if promise.state in IN_LINE:
        membership.leave_promise(promise, change)
    number_lock.free(s, promise.number, name, promise.fence, change)
    again = replace(
        promise,
        state=PromiseState.MADE,
        attempt=promise.attempt + attempts,
        since=max(promise.since, change.now),
        offer="",
        call="",
        intent_at=0.0,
        fence=promise.fence + 1,
    )
    promise_lifecycle.put_back(s, replace(promise, state=PromiseState.MADE), again, change)
    if contact is not None and contact.state in (ContactState.CALLING, ContactState.TALKING):
        outcome.attempt_over(s, contact, change)


_HOW: dict[Verdict, Callable[[Services, str, list[Seen], Change], None]] = {
    Verdict.KEPT: _kept,
    Verdict.TRIED: _tried,
    Verdict.UNCLEAR: _unclear,
    Verdict.NOTHING: _nothing,
}


def a_text(s: Services, found: Meanwhile, held: Quarantine, name: str) -> None:
    """Sent already, or about what is over: then it is not said any more."""
    text = s.store.get(Text, name)
    if text is None or text.made >= held.began:
        return
    noun, _, about = text.about.partition(":")
    promise = s.store.get(Promise, about) if noun == "promise" else None
    since = datetime.fromtimestamp(min(text.made, found.since), UTC)
    sent = next(
        (f.sid for f in s.telephony.find_texts(to=text.to, created_after=since) if f.body == text.body), ""
    )
    if not sent and (promise is None or promise.state not in ENDED):
        return
    change = Change(now=s.clock.now())
    state = TextState.SENT if sent else TextState.REFUSED
    change.rest(change.put(text, replace(text, state=state, sid=sent)))
    quarantine_state.note(Found(what="text sent" if sent else "text not said any more", text=name), change)
    s.store.commit(change)


def _write(s: Services, member: str, how: Callable[[Change], None]) -> None:
    """Decided anew when somebody was quicker."""
    for _ in range(5):
        change = Change(now=s.clock.now())
        how(change)
        if change.empty or s.store.commit(change):
            return
    log.warning("adopt_postponed", member=member)
