"""Keeping a promise: an agent first, briefed; then the customer, who hears who calls before they hear why.

How their phone is rung, exactly once, is in dial.py.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from zoneinfo import ZoneInfo

from ivr.domain.records.agent import Agent
from ivr.domain.records.agent_leg import AgentLeg, LegResult
from ivr.domain.records.contact import Contact, ContactState
from ivr.domain.records.contact_parts import PartyLocation
from ivr.domain.records.customer import Customer
from ivr.domain.records.promise import Promise, PromiseState, become
from ivr.domain.speech import spoken_text
from ivr.flow.phrases.understanding import parse_yes_or_no
from ivr.flow.turn import FlowInputKind, Listen, SpokenPrompt
from ivr.services import Services
from ivr.store.queries.contacts import ContactInput
from ivr.store.queries.leg_view import LegView
from ivr.telephony.reply import GatherInput, HangUp, Redirect, Reply
from ivr.usecases.conferences import conference, leg_view
from ivr.usecases.contacts import caller_moves
from ivr.usecases.dialing import number_lock
from ivr.usecases.phrases import phrase
from ivr.usecases.promises import lifecycle as promise_lifecycle
from ivr.usecases.promises import supervisor_alerts

LISTEN_FOR_CONFIRMATION = Listen(max_digits=1, seconds=5, speech=True)


def accept_callback(services: Services, view: LegView) -> Reply:
    """An agent takes the callback: into the conference, and the customer's phone may ring."""
    for change in services.store.transact(view.records):
        if change.is_retry:
            view = leg_view.reload(services, view)
        leg = view.leg
        promise, agent = change.get(Promise, leg.promise), change.get(Agent, leg.agent)
        contact = change.get(Contact, promise.contact) if promise else None
        if promise is None or agent is None or contact is None:
            return conference.tell_agent_caller_gone(services, view)
        if promise.state is not PromiseState.RINGING or promise.leg != leg.id:
            return conference.tell_agent_caller_gone(services, view)
        if promise.is_manual:
            promise_lifecycle.end_promise(promise, PromiseState.OWNED, change, owner=agent.id)
            supervisor_alerts.text_new_owner(services, promise, agent, change)
            conference.end_leg(leg, LegResult.ACCEPTED, change)
            reply = Reply(prompts=(phrase(services, view.language, "agent.in_hands"),), verb=HangUp())
            continue
        dialling = change.put(
            promise,
            become(
                promise,
                PromiseState.DIALING,
                fence=promise.fence + 1,
                intent_at=0.0,
                call="",
                owner=agent.id if promise.escalated else promise.owner,
            ),
        )
        change.schedule(dialling, change.now)
        room = change.put(
            contact,
            contact.start_callback(leg.id, promise=promise.id),
        )
        change.schedule(room, change.now + conference.CHECK_SECONDS)
        change.log_event(
            "dialling", promise=promise.id, contact=contact.id, agent=agent.id, fence=dialling.fence
        )
        engaged = conference.engage(leg, agent, room, change)
        reply = conference.build_agent_reply(
            services, view.with_leg(engaged), room, phrase_key="agent.dialling"
        )
    return reply


def on_answered(services: Services, promise_id: str, fence: int, sid: str) -> Reply:
    """Somebody picked up. A stale fence gets a hang-up: never two conversations."""
    for change in services.store.transact():
        promise = services.store.get(Promise, promise_id)
        contact = services.store.get(Contact, promise.contact) if promise else None
        if promise is None or contact is None or promise.fence != fence:
            return Reply(verb=HangUp())
        if promise.state is PromiseState.TALKING and contact.call == sid:
            return _prompt_greeting(services, promise, contact)
        if promise.state is not PromiseState.DIALING or contact.state is not ContactState.CALLING:
            return Reply(verb=HangUp())
        talking = change.put(promise, become(promise, PromiseState.TALKING, call=sid))
        change.schedule(talking, change.now + promise_lifecycle.CHECK_SECONDS)
        number_lock.record_answer(services, talking, change)
        there = change.put(
            contact,
            replace(
                contact,
                call=sid,
                conference=replace(contact.conference, caller_location=PartyLocation.LEFT_CONFERENCE),
            ),
        )
        change.index_leg(sid, there)
        change.schedule(there, change.now + conference.CHECK_SECONDS)
        change.log_event("picked up", promise=promise.id, contact=contact.id)
        customer = services.store.get(Customer, contact.caller.number)
        if customer is not None:
            change.put(customer, replace(customer, live_contact=contact.id))
    return _prompt_greeting(services, talking, there)


def _prompt_greeting(services: Services, promise: Promise, contact: Contact) -> Reply:
    """The company and the person asked for; the matter only after they said it is them (I7)."""
    agent = (
        _agent_name(services, contact)
        if contact.conference.agent_location is PartyLocation.IN_CONFERENCE
        else ""
    )
    hello = phrase(
        services, contact.caller.language, "callback.hello", agent=agent, name=promise.name.split(" ")[0]
    )
    return Reply(
        prompts=(hello,),
        verb=GatherInput(
            listen=LISTEN_FOR_CONFIRMATION,
            action_url=services.urls.step(contact.id, contact.flow_progress.inputs_seen + 1),
        ),
    )


def on_input(services: Services, contact: Contact, new_input: ContactInput) -> Reply:
    """What whoever picked up pressed or said. After a key or a yes nobody takes them for a machine any more."""
    book = services.library.get_phrasebook(contact.caller.language)
    yes = (
        new_input.flow_input.kind is FlowInputKind.WORDS
        and parse_yes_or_no(new_input.flow_input.value, book) == "1"
    )
    person = new_input.flow_input.kind is FlowInputKind.KEYS or yes
    return connect_customer(services, contact, is_person=person, input_number=new_input.number)


def connect_customer(
    services: Services, contact: Contact, *, is_person: bool = False, input_number: int = 0
) -> Reply:
    """The customer said a word, or nothing: to the agent, who hears who it is."""
    for change in services.store.transact():
        if change.is_retry:
            contact = services.store.reload(contact)
        if contact.state is not ContactState.CALLING:
            break
        heard = replace(
            contact,
            person_confirmed=is_person or contact.person_confirmed,
            flow_progress=replace(
                contact.flow_progress, inputs_seen=max(contact.flow_progress.inputs_seen, input_number)
            ),
        )
        if contact.conference.agent_location is PartyLocation.IN_CONFERENCE:
            change.put(
                contact,
                heard.meet_agent(),
            )
        else:
            change.put(contact, heard)
            caller_moves.move_to_front(
                services,
                heard.place_caller(PartyLocation.LEFT_CONFERENCE),
                change,
            )
    contact = services.store.reload(contact)
    if contact.state is not ContactState.TALKING:
        words = phrase(services, contact.caller.language, "callback.lost_agent")
        return Reply(prompts=(words,), verb=Redirect(url=services.urls.resume(contact.id)))
    words = phrase(
        services, contact.caller.language, "callback.connecting", agent=_agent_name(services, contact)
    )
    return Reply(prompts=(words,), verb=conference.build_join_verb(services, contact))


def _agent_name(services: Services, contact: Contact) -> str:
    leg = services.store.get(AgentLeg, contact.leg)
    agent = services.store.get(Agent, leg.agent) if leg else None
    return agent.name if agent else ""


def build_machine_message(services: Services, contact: Contact) -> SpokenPrompt:
    """For a machine: what happens next, and nothing private."""
    promise = services.store.get(Promise, contact.promise)
    zone = ZoneInfo((promise.zone if promise else "") or services.settings.default_time_zone)
    now = datetime.fromtimestamp(services.clock.now(), zone)
    at = datetime.fromtimestamp(promise.not_before if promise else services.clock.now(), zone)
    return phrase(
        services,
        contact.caller.language,
        "callback.machine",
        when=spoken_text.at_when(at, contact.caller.language, now),
    )
