"""Agent to agent, from an ordinary phone: * leaves the conference, the caller is held with a word, keys do the rest.

1 a supervisor, 2 a colleague by extension, 3 the next person, 4 back to the caller, 5 we are done.
In a consult: 1 introduce, 2 cancel, 3 leave them together. The caller is never handed to nobody: until a colleague has
heard the brief and said yes, they are this agent's, and when this agent is gone, at the front of the queue.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from ivr.domain.records.agent_leg import LegStep
from ivr.domain.records.contact import Contact, ContactState
from ivr.domain.records.contact_parts import PartyLocation
from ivr.flow.turn import FlowInput, FlowInputKind
from ivr.services import Services
from ivr.store.queries.leg_view import LegView
from ivr.telephony.reply import Reply
from ivr.usecases.agents import wrapup, wrapup_effects
from ivr.usecases.agents.consulting import complete_transfer, dismiss_colleague, introduce, start_consult
from ivr.usecases.agents.menu_step import go_to_step
from ivr.usecases.agents.talk_moves import move_to_wrapup, return_to_caller
from ivr.usecases.conferences import leg_commands
from ivr.usecases.contacts import caller_moves
from ivr.usecases.customers import case_thread
from ivr.usecases.phrases import phrase
from ivr.usecases.promises import lifecycle as promise_lifecycle

MenuAction = Callable[[Services, LegView, Contact], Reply]


def open_menu(services: Services, view: LegView, contact: Contact) -> Reply:
    """The agent's leg came out of the conference, the caller is held."""
    step = (
        LegStep.CONSULT_MENU
        if contact.conference.consult_leg
        and contact.conference.consult_leg_location is PartyLocation.IN_CONFERENCE
        else LegStep.MENU
    )
    return go_to_step(services, view, step)


def on_input(services: Services, view: LegView, heard: FlowInput) -> Reply:
    """A key, or a sentence, in the menu."""
    contact, step = view.contact, view.leg.prompt.step
    if contact is None or contact.state is not ContactState.ON_HOLD or contact.leg != view.leg.id:
        return wrapup.begin(services, view)
    if step in _STEP_HANDLERS:
        return _STEP_HANDLERS[step](services, view, contact, heard)
    table = _CONSULT_KEYS if step is LegStep.CONSULT_MENU else _MENU_KEYS
    act = table.get(heard.value if heard.kind is FlowInputKind.KEYS else "")
    return act(services, view, contact) if act else go_to_step(services, view, step)


# ---- the menu


def _consult_supervisor(services: Services, view: LegView, contact: Contact) -> Reply:
    return start_consult(services, view, contact, lambda a: a.supervisor)


def _ask_for_extension(services: Services, view: LegView, contact: Contact) -> Reply:
    del contact
    return go_to_step(services, view, LegStep.EXTENSION)


def _consult_extension(services: Services, view: LegView, contact: Contact, heard: FlowInput) -> Reply:
    found = next((a.id for a in view.all_agents if a.extension and a.extension == heard.value), "")
    if not found:
        return go_to_step(
            services, view, LegStep.MENU, phrase(services, view.language, "agent.extension_unknown")
        )
    return start_consult(services, view, contact, lambda a: a.id == found)


def _hand_to_next_agent(services: Services, view: LegView, contact: Contact) -> Reply:
    change = services.store.begin(view.records)
    passed = replace(contact, transfers=contact.transfers + 1)
    caller_moves.move_to_front(services, passed, change, avoid=(view.leg.agent,))
    return move_to_wrapup(services, view, view.leg.begin_wrapup(LegStep.NOTE), change)


def _return_to_caller(services: Services, view: LegView, contact: Contact) -> Reply:
    go_back = dismiss_colleague if contact.conference.consult_leg else return_to_caller
    return go_back(services, view, contact)


def _ask_next_steps(services: Services, view: LegView, contact: Contact) -> Reply:
    del contact
    return go_to_step(services, view, LegStep.NEXT_STEPS)


def _on_next_steps(services: Services, view: LegView, contact: Contact, heard: FlowInput) -> Reply:
    if heard.kind is FlowInputKind.WORDS and heard.value.strip():
        change = services.store.begin(view.records)
        contact = promise_lifecycle.ensure_case(services, contact, change, owner=view.leg.agent)
        change.put(contact, replace(contact, next_steps=heard.value.strip()))
        case_thread.add_entry(
            contact.case, "next", change, agent=view.leg.agent, contact=contact.id, words=heard.value.strip()
        )
        services.store.commit_best_effort(change)
    return go_to_step(services, view, LegStep.FOLLOW_UP)


def _on_follow_up_hours(services: Services, view: LegView, contact: Contact, heard: FlowInput) -> Reply:
    """The last question while the caller waits; then they are asked, and the agent says how it went."""
    change = services.store.begin(view.records)
    if heard.value.isdigit() and 0 < int(heard.value) <= 24 * 14:
        contact = wrapup_effects.promise_follow_up(services, contact, view.leg, int(heard.value), change)
    leg_commands.dismiss(contact.conference.consult_leg, change)
    asking = caller_moves.begin_after_call(contact.without_colleague(), change)
    change.schedule(asking, change.now)
    return move_to_wrapup(services, view, view.leg.begin_wrapup(LegStep.DISPOSITION), change)


# ---- in a consult


_MENU_KEYS: dict[str, MenuAction] = {
    "1": _consult_supervisor,
    "2": _ask_for_extension,
    "3": _hand_to_next_agent,
    "4": _return_to_caller,
    "5": _ask_next_steps,
}
_CONSULT_KEYS: dict[str, MenuAction] = {"1": introduce, "2": dismiss_colleague, "3": complete_transfer}
_STEP_HANDLERS: dict[LegStep, Callable[[Services, LegView, Contact, FlowInput], Reply]] = {
    LegStep.EXTENSION: _consult_extension,
    LegStep.NEXT_STEPS: _on_next_steps,
    LegStep.FOLLOW_UP: _on_follow_up_hours,
}
