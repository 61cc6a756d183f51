"""Somebody looks: what a record owes now, found from its state alone. A job comes here; the scheduler enqueues one when nobody did.

Looking twice does nothing twice: each step is a compare-and-set on what was read.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime

from ivr.domain.errors import CallGone
from ivr.domain.records.agent_leg import AgentLeg, LegResult, LegState
from ivr.domain.records.contact import OUTSIDE_CONFERENCE, Contact, ContactState
from ivr.domain.records.contact_parts import HoldWarning, PartyLocation
from ivr.domain.records.customer import Text
from ivr.domain.records.promise import Promise
from ivr.services import Services
from ivr.store.queries import due_index
from ivr.usecases.agents import ask_disposition, dial_agent, offer_end
from ivr.usecases.agents import leg as agent_leg
from ivr.usecases.agents.kinds.registry import get_handler
from ivr.usecases.callbacks import number_due
from ivr.usecases.calls import hold
from ivr.usecases.conferences import conference
from ivr.usecases.contacts import hangups
from ivr.usecases.outages import missed_calls
from ivr.usecases.photos import fetch as photo_fetch
from ivr.usecases.privacy import erasure, retention
from ivr.usecases.promises import escalation, supervisor_alerts
from ivr.usecases.promises import lifecycle as promise_lifecycle
from ivr.usecases.quarantine import state as quarantine_state
from ivr.usecases.queueing import membership
from ivr.usecases.restore import run as restore_run
from ivr.usecases.routing import router
from ivr.usecases.scheduler import promise_due
from ivr.usecases.texting import send as texting_send


def process_due(services: Services, key: str) -> None:
    """`key`: "promise:p7k2". A record that is gone owes nothing."""
    services.clock.sync()
    record_type, _, name = key.partition(":")
    if quarantine_state.hold_if_quarantined(services, key):
        return
    at = services.store.read(due_index.get_due_time(key))
    if not _HANDLERS[record_type](services, name):
        due_index.unschedule_if_unchanged(services.store, key, at)


def _process_contact(services: Services, contact_id: str) -> bool:
    contact = services.store.get(Contact, contact_id)
    if contact is None:
        return False
    match contact.state:
        case ContactState.WAITING:
            route_and_call(services)
            _check_caller_leg(services, contact)
        case ContactState.FLOW | ContactState.ON_HOLD | ContactState.CALLING | ContactState.AFTER_CALL:
            _check_caller_leg(services, contact)
        case ContactState.TALKING:
            _check_talk(services, contact)
        case ContactState.AWAITING_DISPOSITION:
            ask_disposition.process_due(services, contact)
        case ContactState.ENDED:
            return False
    return True


def route_and_call(services: Services) -> None:
    """Match whoever can be matched, and ring."""
    for leg in router.route(services):
        dial_agent.call_agent(services, leg)


def _check_caller_leg(services: Services, contact: Contact) -> None:
    """Compare what we believe with the call itself, now and then."""
    now = services.clock.now()
    if contact.state in OUTSIDE_CONFERENCE and contact.conference.caller_location in (
        PartyLocation.IN_CONFERENCE,
        PartyLocation.JOINING,
    ):
        # they are not in that conference any more, or alone in it, and their leg has not come to us by itself
        if not conference.redirect_caller(services, contact):
            hangups.on_caller_hangup(services, contact.id, contact.call)
        return
    if contact.conference.stray_sid and contact.is_with_us:
        conference.find_stray_caller(services, contact)
        return
    if contact.state is ContactState.ON_HOLD and contact.hold.warning == HoldWarning.DUE:
        hold.warn_agent(services, contact)
        return
    change = services.store.begin(now=now)
    change.expect(contact)
    change.schedule(
        contact,
        min(
            now + promise_lifecycle.CALL_CHECK_SECONDS / 2,
            membership.next_relaxation_at(services, contact, now),
        ),
    )
    if not services.store.commit(change) or not contact.call:
        return
    if now - contact.started_at < promise_lifecycle.CALL_CHECK_SECONDS / 2:
        return
    if services.telephony.fetch_call(contact.call).status.is_over:
        hangups.on_caller_hangup(services, contact.id, contact.call)


def _check_talk(services: Services, contact: Contact) -> None:
    if contact.conference.caller_location is PartyLocation.JOINING:
        if not conference.redirect_caller(services, contact):
            hangups.on_caller_hangup(services, contact.id, contact.call)
        return
    settled = hangups.reevaluate(services, contact.id) or contact
    if settled.state is not ContactState.TALKING or settled.conference.left_at:
        return
    conference.let_whoever_leaves_end_it(services, settled)
    for name in hangups.list_leg_ids(settled):
        leg = services.store.get(AgentLeg, name)
        if leg is not None and leg.call and services.telephony.fetch_call(leg.call).status.is_over:
            agent_leg.on_hangup(services, leg.id, leg.call)
    _check_caller_leg(services, services.store.get(Contact, settled.id) or settled)


def _process_agent(services: Services, agent_id: str) -> bool:
    """Somebody became free; that is all there is to look at."""
    del agent_id
    route_and_call(services)
    return False


def _process_leg(services: Services, leg_id: str) -> bool:
    leg = services.store.get(AgentLeg, leg_id)
    if leg is None:
        return False
    if leg.redirect.pending and leg.call:
        _redirect_agent(services, leg)
        return True
    now = services.clock.now()
    if leg.state is LegState.ACCEPTED and get_handler(leg.kind).check(services, leg):
        return True
    match leg.state:
        case LegState.MADE:
            dial_agent.call_agent(services, leg)
        case LegState.RINGING | LegState.BRIEFING if now >= leg.offer.reserved_until:
            _hang_up(services, leg)
            offer_end.end_offer(services, leg, LegResult.UNANSWERED, "the lease ran out")
            route_and_call(services)
        case LegState.ENDED:
            return False
        case _:
            _check_agent_leg(services, leg)
    return True


def _check_agent_leg(services: Services, leg: AgentLeg) -> None:
    change = services.store.begin()
    change.expect(leg)
    change.schedule(leg, max(leg.offer.reserved_until, change.now + conference.CHECK_SECONDS))
    if not services.store.commit(change) or not leg.call:
        return
    if services.telephony.fetch_call(leg.call).status.is_over:
        agent_leg.on_hangup(services, leg.id, leg.call)


def _redirect_agent(services: Services, leg: AgentLeg) -> None:
    """Send for the leg: what it hears has changed. One that nobody has picked up stops ringing.

    Once: a second redirect would take it out of where the first has led it. Whatever changes meanwhile it hears when it comes.
    """
    change = services.store.begin()
    again = leg.redirect.sent_at + conference.REDIRECT_AGAIN_SECONDS
    if change.now < again:
        change.expect(leg)
        change.schedule(leg, again)
        services.store.commit_best_effort(change)
        return
    leg = change.put(leg, replace(leg, redirect=replace(leg.redirect, sent_at=change.now)))
    change.schedule(leg, change.now + conference.REDIRECT_AGAIN_SECONDS)
    if not services.store.commit(change):
        return
    picked_up = leg.prompt.turn > 0
    try:
        if picked_up or leg.state is not LegState.ENDED:
            services.telephony.redirect(leg.call, services.urls.agent(leg.id, leg.prompt.turn))
        else:
            services.telephony.hang_up(leg.call)
    except CallGone:
        _on_leg_not_found(services, leg)


def _on_leg_not_found(services: Services, leg: AgentLeg) -> None:
    change = services.store.begin()
    left = change.put(leg, leg.mark_redirected())
    if leg.state is LegState.ENDED:
        change.unschedule(left)
    if services.store.commit(change):
        agent_leg.on_hangup(services, leg.id, leg.call)


def _hang_up(services: Services, leg: AgentLeg) -> None:
    if not leg.call or leg.persistent_leg:  # a leg that stays hears what has become of it when it comes
        return
    try:
        services.telephony.hang_up(leg.call)
    except CallGone:
        return


def _process_promise(services: Services, promise_id: str) -> bool:
    open_ = promise_due.process_due(services, promise_id)
    route_and_call(services)
    promise = services.store.get(Promise, promise_id)
    away = escalation.pick_supervisor(services, promise) if promise else None
    if promise and away and (leg := router.summon_supervisor(services, promise, away)):
        dial_agent.call_agent(services, leg)
    return open_


def _process_alert(services: Services, alert_id: str) -> bool:
    return supervisor_alerts.process_due(services, alert_id)


def _process_text(services: Services, text_id: str) -> bool:
    text = services.store.get(Text, text_id)
    if text is None:
        return False
    texting_send.process_due(services, text, services.clock.now())
    return True


def _process_outage(services: Services, _: str) -> bool:
    missed_calls.process_due(services)
    return False


def _process_quarantine(services: Services, _: str) -> bool:
    return restore_run.process_due(services)


def _process_recordings(services: Services, since: str) -> bool:
    missed_calls.process_recordings(services, datetime.fromtimestamp(float(since), UTC))
    return False


def _process_retention(services: Services, name: str) -> bool:
    retention.process_due(services, name)
    return False


_HANDLERS: dict[str, Callable[[Services, str], bool]] = {
    "agent": _process_agent,
    "number_lock": number_due.process_due_number,
    "contact": _process_contact,
    "agent_leg": _process_leg,
    "promise": _process_promise,
    "text": _process_text,
    "supervisor_alert": _process_alert,
    "photo": photo_fetch.process_due,
    "erasure": erasure.process_due,
    "retention": _process_retention,
    "outage": _process_outage,
    "quarantine": _process_quarantine,
    "recordings": _process_recordings,
}
