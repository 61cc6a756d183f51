"""Hold: the caller is spoken to, and after a minute at most has a choice: wait, back to the agent, be called."""

from __future__ import annotations

from dataclasses import replace

import structlog

from ivr.domain.errors import TelephonyError
from ivr.domain.records.agent import Agent
from ivr.domain.records.agent_leg import BEFORE_ACCEPT, IN_TALK, AgentLeg, LegState, LegStep
from ivr.domain.records.contact import Contact
from ivr.domain.records.contact_parts import HoldWarning, PartyLocation
from ivr.flow.turn import FlowInputKind, Listen
from ivr.services import Services
from ivr.store.change import Change
from ivr.store.queries.contacts import ContactInput
from ivr.telephony.reply import GatherInput, Redirect, Reply, SpeakOnly
from ivr.usecases.calls import flow_runner
from ivr.usecases.conferences import leg_commands
from ivr.usecases.contacts import caller_moves, hangups
from ivr.usecases.phrases import phrase
from ivr.usecases.promises import lifecycle as promise_lifecycle

log = structlog.get_logger()

ROUND_SECONDS = 10  # seconds of music between looks
WARN_ROUNDS_BEFORE_CHOICE = 2  # rounds before the choice is due
KEY = Listen(max_digits=1, seconds=5, speech=False)


def prompt(services: Services, contact: Contact) -> Reply:
    now = services.clock.now()
    limit = min(
        services.settings.hold_max_seconds, services.library.get_queue(contact.queue_place.name).hold_max
    )
    n = contact.flow_progress.inputs_seen + 1
    if now - contact.queue_place.choice_given_at >= limit - ROUND_SECONDS:
        words = phrase(services, contact.caller.language, "hold.choice", agent=_agent_name(services, contact))
        return Reply(
            prompts=(words,), verb=GatherInput(listen=KEY, action_url=services.urls.step(contact.id, n))
        )
    if (
        not contact.hold.warning
        and now - contact.hold.started_at >= limit - WARN_ROUNDS_BEFORE_CHOICE * ROUND_SECONDS
    ):
        _schedule_warning(services, contact)
    first = now - contact.hold.started_at < ROUND_SECONDS / 2
    words = phrase(services, contact.caller.language, "hold.start" if first else "hold.still")
    return Reply(
        prompts=(words,),
        verb=Redirect(
            url=services.urls.resume(contact.id),
            pause_seconds=ROUND_SECONDS,
            music_url=services.urls.hold_music(),
        ),
    )


def _schedule_warning(services: Services, contact: Contact) -> None:
    """Have a worker tell the agent; when a record has moved on, the next round sees to it."""
    change = services.store.begin()
    due = change.put(contact, replace(contact, hold=replace(contact.hold, warning=HoldWarning.DUE)))
    change.schedule(due, change.now)
    services.store.commit_best_effort(change)


def warn_agent(services: Services, contact: Contact) -> None:
    """Into the ear of an agent who is with a colleague: the caller has waited for almost a minute."""
    change = services.store.begin()
    told = change.put(contact, replace(contact, hold=replace(contact.hold, warning=HoldWarning.GIVEN)))
    change.schedule(told, change.now + promise_lifecycle.CALL_CHECK_SECONDS / 2)
    if not services.store.commit(change):
        return
    leg = services.store.get(AgentLeg, contact.leg)
    agent = services.store.get(Agent, leg.agent) if leg else None
    if leg is None or agent is None or leg.state is not LegState.CONSULTING or not contact.conference.sid:
        return  # in the menu, which says at every turn that the caller waits
    try:
        services.telephony.announce(
            contact.conference.sid, leg.call, services.urls.hold_warning(agent.languages[0])
        )
    except TelephonyError as e:
        log.warning(
            "held_warning_lost", contact=contact.id, code=e.code
        )  # the caller gets their choice anyway


def prompt_warning(services: Services, language: str) -> Reply:
    """What `warn_agent` has said."""
    return Reply(prompts=(phrase(services, language, "agent.held_warning"),), verb=SpeakOnly())


def on_input(services: Services, contact: Contact, new_input: ContactInput) -> Reply | None:
    """The choice: 1 or silence waits on, 2 back to the agent, 3 a promise. None: answer from the state that came of it."""
    change = services.store.begin()
    key = new_input.flow_input.value if new_input.flow_input.kind is FlowInputKind.KEYS else ""
    chosen = replace(
        contact,
        flow_progress=replace(contact.flow_progress, inputs_seen=new_input.number),
        queue_place=replace(contact.queue_place, choice_given_at=change.now),
    )
    if key == "3":
        return _promise_callback(services, contact, chosen, change)
    if key == "2":
        _return_to_agent(services, contact, chosen, change)
        return None
    change.put(contact, chosen)
    services.store.commit_best_effort(change)
    return None


def _return_to_agent(services: Services, contact: Contact, chosen: Contact, change: Change) -> None:
    """The agent's leg is sent for; a colleague who was being asked is not needed any more."""
    first = services.store.get(AgentLeg, contact.leg)
    if (
        contact.conference.agent_location is PartyLocation.HUNG_UP
        or first is None
        or first.state not in IN_TALK
    ):
        front = caller_moves.move_to_front(services, chosen, change)
        change.put(contact, front)
    else:
        leg_commands.dismiss(contact.conference.consult_leg, change)
        alone = replace(
            chosen,
            conference=replace(chosen.conference.without_colleague(), agent_location=PartyLocation.JOINING),
        )
        change.put(contact, alone)
        caller_moves.bring_caller(alone, change, same_conference=False)
        leg_commands.transition(first.id, change, lambda leg: leg.come_back(LegStep.RETURNED))
    services.store.commit_best_effort(change)


def _promise_callback(services: Services, contact: Contact, chosen: Contact, change: Change) -> Reply | None:
    """A call is owed; the agents are free to go."""
    said = flow_runner.begin_at(services, chosen, change, "@promise")
    if promise_lifecycle.is_promise_made(said.contact, change):
        _release_agents(contact, change)
        said = replace(said, contact=said.contact.detach_from_agents())
    change.put(contact, said.contact)
    if not services.store.commit(change):
        return None
    return flow_runner.to_reply(services, said, chosen.flow_progress.inputs_seen, in_waiting_room=False)


def _release_agents(contact: Contact, change: Change) -> None:
    """Who is in the talk comes to hear that it is over; a colleague who is still being asked is not needed any more."""
    for name in hangups.list_leg_ids(contact):
        leg = change.get(AgentLeg, name)
        if leg is not None and leg.state in BEFORE_ACCEPT:
            leg_commands.dismiss(name, change)
        elif leg is not None and leg.state in IN_TALK:
            leg_commands.transition(name, change, lambda leg: leg.come_back())


def _agent_name(services: Services, contact: Contact) -> str:
    leg = services.store.get(AgentLeg, contact.leg)
    agent = services.store.get(Agent, leg.agent) if leg else None
    return agent.name if agent else ""
