"""Agent to agent, from an ordinary phone: * leaves the conference, the caller is held with a word, keys do the rest.

1 a supervisor, 2 a colleague by extension, 3 the next person, 4 back to the caller, 5 we are done.
In a consult: 1 introduce, 2 cancel, 3 leave them together. The caller is never handed to nobody: until a colleague has
heard the brief and said yes, they are this agent's, and when this agent is gone, at the front of the queue.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from ivr.domain.records import agent as agents
from ivr.domain.records.agent import Agent, AgentState
from ivr.domain.records.agent_leg import AgentLeg, LegKind, LegState
from ivr.domain.records.contact import Contact, ContactState, PartyLocation
from ivr.flow.turn import FlowInput, FlowInputKind, Listen, Prompt
from ivr.services import Services
from ivr.store import keys
from ivr.store.change import Change
from ivr.telephony.reply import GatherInput, Reply
from ivr.usecases.agents import wrapup
from ivr.usecases.conferences import conference, leg_commands
from ivr.usecases.contacts import caller_moves
from ivr.usecases.customers import case_thread
from ivr.usecases.phrases import phrase
from ivr.usecases.promises import lifecycle as promise_lifecycle
from ivr.usecases.routing import router

KEY = Listen(max_digits=1, seconds=8, speech=False)
EXTENSION = Listen(max_digits=4, finish_key="#", seconds=6, speech=False)
HOURS = Listen(max_digits=3, finish_key="#", seconds=8, speech=False)
SENTENCE = Listen(max_digits=1, seconds=8, speech=True)
LISTEN_BY_STEP = {"extension": EXTENSION, "next_steps": SENTENCE, "owe_call": HOURS}
CONSULT_STEP = "consult_menu"

MenuAction = Callable[[Services, AgentLeg, Contact], Reply]


def open_menu(services: Services, leg: AgentLeg, contact: Contact) -> Reply:
    """The agent's leg came out of the conference, the caller is held."""
    step = (
        CONSULT_STEP
        if contact.consult_leg and contact.consult_leg_location is PartyLocation.IN_CONFERENCE
        else "menu"
    )
    return _go_to_step(services, leg, step)


def prompt(services: Services, leg: AgentLeg, *says: Prompt) -> Reply:
    """The menu this leg is at."""
    language = conference.language_for_leg(services, leg)
    prompt = phrase(services, language, f"agent.{leg.step or 'menu'}")
    listen = LISTEN_BY_STEP.get(leg.step, KEY)
    return Reply(
        prompts=(*says, prompt),
        verb=GatherInput(listen=listen, action_url=services.urls.agent(leg.id, leg.turn)),
    )


def on_input(services: Services, leg: AgentLeg, heard: FlowInput) -> Reply:
    """A key, or a sentence, in the menu."""
    contact = services.store.get(Contact, leg.contact)
    if contact is None or contact.state is not ContactState.ON_HOLD or contact.leg != leg.id:
        return wrapup.begin(services, leg)
    if leg.step in _STEP_HANDLERS:
        return _STEP_HANDLERS[leg.step](services, leg, contact, heard)
    table = _CONSULT_KEYS if leg.step == CONSULT_STEP else _MENU_KEYS
    key = heard.value if heard.kind is FlowInputKind.KEYS else ""
    act = table.get(key)
    return act(services, leg, contact) if act else _go_to_step(services, leg, leg.step)


def _go_to_step(services: Services, leg: AgentLeg, step: str, *says: Prompt) -> Reply:
    change = Change(now=services.clock.now())
    new = change.put(
        leg,
        replace(
            leg,
            state=LegState.MENU,
            step=step,
            turn=leg.turn + 1,
            redirect_pending=False,
            redirected_at=0.0,
            tries=0,
        ),
    )
    change.schedule(new, change.now + conference.CHECK_SECONDS)
    if not services.store.commit(change):
        return conference.ask_again(services, leg)
    return prompt(services, new, *says)


# ---- the menu


def _consult_supervisor(services: Services, leg: AgentLeg, contact: Contact) -> Reply:
    return start_consult(services, leg, contact, lambda a: a.supervisor)


def _ask_for_extension(services: Services, leg: AgentLeg, contact: Contact) -> Reply:
    del contact
    return _go_to_step(services, leg, "extension")


def _consult_extension(services: Services, leg: AgentLeg, contact: Contact, heard: FlowInput) -> Reply:
    language = conference.language_for_leg(services, leg)
    (found,) = services.store.read([("GET", keys.extension(heard.value or "-"))])
    if not found:
        return _go_to_step(services, leg, "menu", phrase(services, language, "agent.extension_unknown"))
    return start_consult(services, leg, contact, lambda a: a.id == found)


def list_free_colleagues(
    services: Services, leg: AgentLeg, contact: Contact, fits: Callable[[Agent], bool]
) -> list[Agent]:
    """Colleagues who can be asked now, those who speak the caller's language first, then the longest idle."""
    found = [
        a
        for a in services.store.list_all(Agent)
        if a.state is AgentState.AVAILABLE and a.id != leg.agent and fits(a)
    ]
    return sorted(found, key=lambda a: (contact.language not in a.languages, a.state_since))


def start_consult(
    services: Services,
    leg: AgentLeg,
    contact: Contact,
    fits: Callable[[Agent], bool],
    *,
    reason: str = "",
    consult_leg_id: str = "",
) -> Reply:
    """Reserve a colleague and wait for them in a conference of the two, the caller held.

    `reason`: told to the colleague. `consult_leg_id`: of the colleague's leg; a new one when it is empty.
    """
    language = conference.language_for_leg(services, leg)
    for change in services.store.transact():
        if change.is_retry:  # somebody has the colleague now; or the line noted that a leg is here or there
            now = _reload_if_unchanged(services, leg, contact)
            if now is None:
                return conference.ask_again(services, leg)
            leg, contact = now
        colleague = next(iter(list_free_colleagues(services, leg, contact, fits)), None)
        if colleague is None:
            return _go_to_step(services, leg, "menu", phrase(services, language, "agent.nobody_free"))
        target = AgentLeg(
            id=consult_leg_id or services.new_id(),
            kind=LegKind.CONSULT,
            agent=colleague.id,
            contact=contact.id,
            promise=contact.promise,
            our_number=contact.called_number,
            asked_by_leg=leg.id,
            reason=reason,
            made_at=change.now,
            why="asked for by a colleague",
        )
        waiting, here_now = _wait_for_consult(leg, contact, target, change)
        router.reserve_agent(target, colleague, change)
        words = phrase(services, language, "agent.ringing", name=colleague.name)
        reply = Reply(prompts=(words,), verb=conference.build_join_verb(services, waiting, leg=here_now))
    return reply


def _reload_if_unchanged(
    services: Services, leg: AgentLeg, contact: Contact
) -> tuple[AgentLeg, Contact] | None:
    """Both as the database has them, when the agent is at the same question still and the caller held, alone."""
    latest, held = services.store.get(AgentLeg, leg.id), services.store.get(Contact, contact.id)
    if latest is None or held is None or (latest.state, latest.turn) != (leg.state, leg.turn):
        return None
    if held.state is not ContactState.ON_HOLD or held.leg != leg.id or held.consult_leg:
        return None
    return replace(latest, redirect_pending=latest.redirect_pending or leg.redirect_pending), held


def start_external_consult(
    services: Services, leg: AgentLeg, contact: Contact, number: str, *, consult_leg_id: str
) -> Reply:
    """Ring an external number; they hear who asks, and nothing about the caller before they are with us."""
    change = Change(now=services.clock.now())
    target = AgentLeg(
        id=consult_leg_id,
        kind=LegKind.CONSULT,
        external_number=number,
        contact=contact.id,
        our_number=contact.called_number,
        asked_by_leg=leg.id,
        made_at=change.now,
        why="asked for by a colleague",
    )
    waiting, here_now = _wait_for_consult(leg, contact, target, change)
    router.start_external_leg(target, change)
    if not services.store.commit(change):
        return conference.ask_again(services, leg)
    return Reply(
        prompts=(phrase(services, conference.language_for_leg(services, leg), "agent.ringing_outside"),),
        verb=conference.build_join_verb(services, waiting, leg=here_now),
    )


def _wait_for_consult(
    leg: AgentLeg, contact: Contact, consult_leg: AgentLeg, change: Change
) -> tuple[Contact, AgentLeg]:
    """The agent is in the conference of the two, to which the one asked for comes."""
    waiting = change.put(
        contact,
        replace(
            contact,
            consult_leg=consult_leg.id,
            consult_leg_location=PartyLocation.JOINING,
            agent_location=PartyLocation.IN_CONFERENCE,
        ),
    )
    here_now = change.put(
        leg,
        replace(
            leg, state=LegState.CONSULTING, conference_number=contact.conference_number, turn=leg.turn + 1
        ),
    )
    change.log_event("consult", contact=contact.id, offer=consult_leg.id, agent=consult_leg.agent)
    return waiting, here_now


def _hand_to_next_agent(services: Services, leg: AgentLeg, contact: Contact) -> Reply:
    change = Change(now=services.clock.now())
    passed = replace(contact, transfers=contact.transfers + 1)
    caller_moves.move_to_front(services, passed, change, avoid=(leg.agent,))
    over_to_notes = change.put(leg, replace(leg, state=LegState.WRAPPING, step="note", turn=leg.turn + 1))
    return move_to_wrapup(services, over_to_notes, change)


def return_to_caller(services: Services, leg: AgentLeg, contact: Contact) -> Reply:
    change = Change(now=services.clock.now())
    return _rejoin_caller(services, leg, contact, change, "agent.returned")


def _ask_next_steps(services: Services, leg: AgentLeg, contact: Contact) -> Reply:
    del contact
    return _go_to_step(services, leg, "next_steps")


def _on_next_steps(services: Services, leg: AgentLeg, contact: Contact, heard: FlowInput) -> Reply:
    if heard.kind is FlowInputKind.WORDS and heard.value.strip():
        change = Change(now=services.clock.now())
        contact = promise_lifecycle.ensure_case(services, contact, change, owner=leg.agent)
        change.put(contact, replace(contact, next_steps=heard.value.strip()))
        case_thread.add_entry(
            contact.case, "next", change, agent=leg.agent, contact=contact.id, words=heard.value.strip()
        )
        services.store.commit_best_effort(change)
    return _go_to_step(services, leg, "owe_call")


def _on_follow_up_hours(services: Services, leg: AgentLeg, contact: Contact, heard: FlowInput) -> Reply:
    """The last question while the caller waits; then they are asked, and the agent says how it went."""
    change = Change(now=services.clock.now())
    if heard.value.isdigit() and 0 < int(heard.value) <= 24 * 14:
        contact = wrapup.promise_follow_up(services, contact, leg, int(heard.value), change)
    asking = caller_moves.begin_after_call(contact, change)
    change.schedule(asking, change.now)
    over_to_notes = change.put(
        leg, replace(leg, state=LegState.WRAPPING, step="disposition", turn=leg.turn + 1)
    )
    return move_to_wrapup(services, over_to_notes, change)


# ---- in a consult


def accept_consult(services: Services, leg: AgentLeg) -> Reply:
    """A colleague heard the brief and says yes: to the conference of the two."""
    for change in services.store.transact():
        if change.is_retry:
            leg = leg_commands.reload(services, leg)
        contact = services.store.get(Contact, leg.contact)
        agent = services.store.get(Agent, leg.agent)
        if contact is None or contact.consult_leg != leg.id or not (agent or leg.external_number):
            return conference.tell_caller_gone(services, leg)
        if contact.state is not ContactState.ON_HOLD:
            return conference.tell_caller_gone(services, leg)
        with_them = change.put(contact, replace(contact, consult_leg_location=PartyLocation.IN_CONFERENCE))
        engaged = conference.engage(leg, agent, with_them, change)
        change.log_event("consult accepted", contact=contact.id, offer=leg.id, agent=leg.agent)
    return conference.build_agent_reply(services, engaged, with_them)


def on_consult_refused(services: Services, leg: AgentLeg, change: Change) -> None:
    """The colleague does not come: the first agent is back with the caller, or the caller is at the front of the queue."""
    contact = services.store.get(Contact, leg.contact)
    if contact is None or contact.consult_leg != leg.id:
        return
    alone = replace(contact, consult_leg="", consult_leg_location=PartyLocation.NOWHERE)
    change.put(contact, alone)
    first = services.store.get(AgentLeg, contact.leg)
    if contact.state is not ContactState.ON_HOLD or first is None:
        return
    back = caller_moves.bring_caller(
        replace(alone, agent_location=PartyLocation.JOINING), change, same_conference=False
    )
    sent_for = change.put(
        first,
        replace(first, state=LegState.ACCEPTED, step="refused", redirect_pending=True, reason=leg.agent),
    )
    change.schedule(sent_for, change.now)
    change.schedule(back, change.now)


def introduce(services: Services, leg: AgentLeg, contact: Contact) -> Reply:
    change = Change(now=services.clock.now())
    coming = caller_moves.bring_caller(replace(contact, agent_location=PartyLocation.IN_CONFERENCE), change)
    return _join_conference(services, leg, coming, change, phrase_key="")


def dismiss_colleague(services: Services, leg: AgentLeg, contact: Contact) -> Reply:
    change = Change(now=services.clock.now())
    leg_commands.dismiss(services, contact.consult_leg, change)
    alone = replace(contact, consult_leg="", consult_leg_location=PartyLocation.NOWHERE)
    return _rejoin_caller(services, leg, contact, change, "agent.returned", without_colleague=alone)


def complete_transfer(services: Services, leg: AgentLeg, contact: Contact) -> Reply:
    change = Change(now=services.clock.now())
    heir = replace(
        contact,
        leg=contact.consult_leg,
        agent_location=PartyLocation.IN_CONFERENCE,
        consult_leg="",
        consult_leg_location=PartyLocation.NOWHERE,
        transfers=contact.transfers + 1,
    )
    change.put(contact, heir)
    give_disposition_if_external(services, heir, leg, change)
    caller_moves.bring_caller(change.latest(heir) or heir, change)
    over_to_notes = change.put(leg, replace(leg, state=LegState.WRAPPING, step="note", turn=leg.turn + 1))
    return move_to_wrapup(services, over_to_notes, change)


def give_disposition_if_external(
    services: Services, transferred: Contact, leg: AgentLeg, change: Change
) -> None:
    """Left with somebody outside: nobody of ours can say later how it went, so leaving them there is the disposition."""
    other = services.store.get(AgentLeg, transferred.leg)
    if other is not None and other.external_number and not transferred.disposition:
        wrapup.give_disposition(services, transferred, "helped", leg, change)


def _rejoin_caller(
    services: Services,
    leg: AgentLeg,
    contact: Contact,
    change: Change,
    phrase_key: str,
    *,
    without_colleague: Contact | None = None,
) -> Reply:
    """Caller and agent meet again in a new conference."""
    change.put(contact, without_colleague or contact)
    coming = caller_moves.bring_caller(
        replace(without_colleague or contact, agent_location=PartyLocation.IN_CONFERENCE),
        change,
        same_conference=False,
    )
    return _join_conference(services, leg, coming, change, phrase_key=phrase_key)


def _join_conference(
    services: Services, leg: AgentLeg, contact: Contact, change: Change, *, phrase_key: str
) -> Reply:
    """Commit the change and send this leg to the contact's conference; ask again when somebody else was quicker."""
    there = change.put(
        leg,
        replace(
            leg,
            state=LegState.ACCEPTED,
            conference_number=contact.conference_number,
            turn=leg.turn + 1,
            step="",
        ),
    )
    if not services.store.commit(change):
        return conference.ask_again(services, leg)
    return conference.build_agent_reply(services, there, contact, phrase_key=phrase_key)


def move_to_wrapup(services: Services, leg: AgentLeg, change: Change) -> Reply:
    """Out of the talk: what was typed in it is kept, and the agent is asked how it went."""
    leg = change.put(leg, wrapup.save_typed_note(services, leg, change))
    agent = services.store.get(Agent, leg.agent)
    if agent is not None:
        change.put(agent, agents.wrap_up(agent, change.now))
    change.schedule(leg, change.now + wrapup.TIMEOUT_SECONDS)
    if not services.store.commit(change):
        return conference.ask_again(services, leg)
    return wrapup.prompt(services, leg)


_MENU_KEYS: dict[str, MenuAction] = {
    "1": _consult_supervisor,
    "2": _ask_for_extension,
    "3": _hand_to_next_agent,
    "4": return_to_caller,
    "5": _ask_next_steps,
}
_CONSULT_KEYS: dict[str, MenuAction] = {"1": introduce, "2": dismiss_colleague, "3": complete_transfer}
_STEP_HANDLERS: dict[str, Callable[[Services, AgentLeg, Contact, FlowInput], Reply]] = {
    "extension": _consult_extension,
    "next_steps": _on_next_steps,
    "owe_call": _on_follow_up_hours,
}
