"""How it went, said at the desk: the disposition, what was understood, what happens next and by when."""

from __future__ import annotations

from dataclasses import dataclass, replace

from ivr.domain.records.agent import Agent, AgentState
from ivr.domain.records.agent_leg import AgentLeg, LegState, LegStep
from ivr.domain.records.contact import Contact
from ivr.domain.records.customer import Customer
from ivr.domain.records.disposition import Disposition
from ivr.services import Services
from ivr.store.change import Change
from ivr.usecases.agents import wrapup, wrapup_effects
from ivr.usecases.conferences import leg_commands
from ivr.usecases.customers import case_thread, last_talk
from ivr.usecases.desk.guards import ActionNotPossible
from ivr.usecases.promises import lifecycle as promise_lifecycle

MAX_NOTE_LENGTH = 2000  # letters of a note
MAX_CALLBACK_HOURS = 24 * 14


@dataclass(frozen=True, kw_only=True)
class WrapUpForm:
    """`disposition`: one of the values of wrapup.DISPOSITION_BY_KEY, "" when it was given already. `callback_hours`: a call is owed by then, 0 for none."""

    disposition: str = ""
    note: str = ""
    next_steps: str = ""
    callback_hours: int = 0
    customer_name: str = ""  # the customer's, as the agent learnt it


def save_wrapup(services: Services, agent_id: str, form: WrapUpForm) -> None:
    """All of it at once; then the agent is free. Raises ActionNotPossible, having changed nothing."""
    if form.disposition and form.disposition not in wrapup.DISPOSITION_BY_KEY.values():
        raise ActionNotPossible(
            f"{form.disposition!r} is no way to end: {', '.join(wrapup.DISPOSITION_BY_KEY.values())}."
        )
    if not 0 <= form.callback_hours <= MAX_CALLBACK_HOURS:
        raise ActionNotPossible(f"A call is promised within {MAX_CALLBACK_HOURS} hours at most.")
    for change in services.store.transact():
        agent = services.store.get(Agent, agent_id)
        leg = services.store.get(AgentLeg, agent.leg) if agent and agent.leg else None
        if agent is None or leg is None or agent.state is not AgentState.WRAP_UP:
            raise ActionNotPossible("There is nothing to finish.")
        leg = wrapup_effects.save_typed_note(services, leg, change)
        _apply_form(services, leg, form, change)
        saved = replace(
            leg.go_to_step(LegStep.SAVED),
            wrapup=replace(leg.wrapup, note=form.note.strip() or leg.wrapup.note),
        )
        wrapup_effects.finish(services, saved, change)
        if leg.state is not LegState.ENDED:  # the phone says thank you and hangs up
            leg_commands.request_goodbye(leg.id, change)


def _apply_form(services: Services, leg: AgentLeg, form: WrapUpForm, change: Change) -> None:
    contact = change.get(Contact, leg.contact)
    mine = contact is not None and contact.leg == leg.id
    if contact is None:
        return
    if mine and not contact.disposition and not form.disposition:
        raise ActionNotPossible("Say how it ended.")
    customer = change.get(Customer, contact.caller.number)
    if customer is not None and (name := form.customer_name.strip()[: wrapup.MAX_NAME_LENGTH]):
        last_talk.set_customer_name(services, customer, name, change)
    if mine and form.disposition and not contact.disposition:
        wrapup_effects.give_disposition(services, contact, Disposition(form.disposition), leg, change)
    if (words := form.note.strip()[:MAX_NOTE_LENGTH]) and words != leg.wrapup.note:  # else it is kept already
        wrapup_effects.save_note(services, leg, words, change)
    if steps := form.next_steps.strip()[:MAX_NOTE_LENGTH]:
        contact = promise_lifecycle.ensure_case(services, contact, change, owner=leg.agent)
        contact = change.put(contact, replace(contact, next_steps=steps))
        case_thread.add_entry(contact.case, "next", change, agent=leg.agent, contact=contact.id, words=steps)
    if mine and form.callback_hours:
        wrapup_effects.promise_follow_up(services, change.latest(contact), leg, form.callback_hours, change)
