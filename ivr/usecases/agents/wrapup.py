"""Wrap-up by phone keys: how it ended, what was understood, what happens next and by when.

The disposition decides the contact's outcome; the note stands in the case from the moment it was heard; a next step with a
time becomes a promise that the agent owns.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from ivr.domain.records import agent as agents
from ivr.domain.records.agent import Agent
from ivr.domain.records.agent_leg import AgentLeg, LegKind, LegResult, LegState, LegStep
from ivr.domain.records.contact import Contact, ContactState
from ivr.domain.records.customer import Customer
from ivr.domain.records.disposition import Disposition
from ivr.domain.records.promise import Promise, PromiseState, WaitReason
from ivr.flow.turn import FlowInput, FlowInputKind, Listen, Prompt
from ivr.services import Services
from ivr.store.change import Change
from ivr.store.queries.leg_view import LegView
from ivr.telephony.reply import GatherInput, HangUp, Reply
from ivr.usecases.agents.wrapup_effects import (
    finish,
    give_disposition,
    latest_contact,
    promise_follow_up,
    save_note,
    save_typed_note,
)
from ivr.usecases.conferences import conference, leg_view
from ivr.usecases.customers import brief as customer_brief
from ivr.usecases.customers import last_talk
from ivr.usecases.phrases import phrase
from ivr.usecases.promises import lifecycle as promise_lifecycle
from ivr.usecases.promises import supervisor_alerts

TIMEOUT_SECONDS = 120.0  # seconds until it is looked at whether the leg still lives
MAX_TRIES = 3
MAX_NAME_LENGTH = 80
DISPOSITION_BY_KEY = {
    "1": Disposition.HELPED,
    "2": Disposition.MACHINE,
    "3": Disposition.NOBODY,
    "4": Disposition.MORE,
}

KEY = Listen(max_digits=1, seconds=8, speech=False)
HOURS = Listen(max_digits=3, finish_key="#", seconds=8, speech=False)
SENTENCE = Listen(max_digits=1, seconds=8, speech=True)

LISTEN_BY_STEP = {LegStep.NOTE: SENTENCE, LegStep.NAME: SENTENCE, LegStep.FOLLOW_UP: HOURS}
FINAL_STEPS = frozenset({LegStep.SAVED, LegStep.IN_HANDS})

StepHandler = Callable[[Services, AgentLeg, FlowInput, Change], AgentLeg]


def begin(services: Services, view: LegView) -> Reply:
    """The talk is over for this agent. One who handed the caller on only says what the next person should know."""
    for change in services.store.transact(view.records):
        if change.is_retry:
            view = leg_view.reload(services, view)
        leg = view.leg
        contact, agent = change.get(Contact, leg.contact), change.get(Agent, leg.agent)
        if contact is None or agent is None or leg.state is LegState.ENDED:
            return Reply(verb=HangUp())
        if leg.state is LegState.WRAPPING:  # this leg's two requests came at once: one question, one turn
            return prompt(services, view)
        if contact.state is ContactState.CALLING or _never_talked(contact, leg):
            return _end_without_talk(services, view, agent)
        undecided = contact.leg == leg.id and not contact.disposition
        kept = save_typed_note(services, leg, change)
        wrapping = change.put(
            leg,
            kept.begin_wrapup(LegStep.DISPOSITION if undecided else LegStep.NOTE).mark_redirected(),
        )
        change.put(agent, agents.wrap_up(agent, change.now))
        change.schedule(wrapping, change.now + TIMEOUT_SECONDS)
    return prompt(services, view.with_leg(wrapping))


def _never_talked(contact: Contact, leg: AgentLeg) -> bool:
    """They never talked: nothing to say about it."""
    return not contact.talked and (contact.leg != leg.id or contact.state is ContactState.ENDED)


def build_missed_callback_reply(services: Services, view: LegView) -> Reply | None:
    """A callback that did not come to a talk: the agent hears when it is tried again. None: that is not what happened."""
    contact, promise = view.contact, view.promise
    if view.leg.kind is not LegKind.PROMISE or contact is None or not _never_talked(contact, view.leg):
        return None
    if promise is not None and (
        promise.state is PromiseState.DECLINED or promise.why == WaitReason.RESCHEDULED
    ):
        return Reply(prompts=(phrase(services, view.language, "callback.changed"),), verb=HangUp())
    if promise is None or promise.state not in (PromiseState.MADE, PromiseState.ESCALATED):
        return None
    words = customer_brief.build_next_attempt_prompt(services, promise, view.language)
    return Reply(prompts=(words,), verb=HangUp())


def _end_without_talk(services: Services, view: LegView, agent: Agent) -> Reply:
    leg = view.leg
    for change in services.store.transact(view.records):
        if change.is_retry:
            leg = services.store.reload(leg)
            agent = services.store.reload(agent)
        if leg.state is LegState.ENDED:
            break
        if _escalation_to_take_over(leg, change):
            leg = change.put(leg, leg.begin_wrapup(LegStep.TAKE_OVER).mark_redirected())
            change.put(agent, agents.wrap_up(agent, change.now))
            change.schedule(leg, change.now + TIMEOUT_SECONDS)
        else:
            conference.end_leg(leg, LegResult.CANCELLED, change)
    view = view.with_leg(leg)
    if leg.state is LegState.WRAPPING:
        return prompt(services, view)
    gone = Reply(prompts=(phrase(services, view.language, "agent.gone"),), verb=HangUp())
    return build_missed_callback_reply(services, view) or gone


def _escalation_to_take_over(leg: AgentLeg, change: Change) -> Promise | None:
    """The escalated promise that this leg has tried to keep in vain: its agent may say that it is theirs now."""
    promise = change.get(Promise, leg.promise)
    if promise is None or not promise.escalated or promise.owner != leg.agent:
        return None
    return promise if promise.state is PromiseState.MADE else None


def prompt(services: Services, view: LegView) -> Reply:
    """The question this leg is at."""
    leg, language = view.leg, view.language
    says: tuple[Prompt, ...]
    match leg.prompt.step:
        case LegStep.TAKE_OVER:
            says = (phrase(services, language, "agent.hands"),)
            if view.promise is not None:
                again = customer_brief.build_next_attempt_prompt(services, view.promise, language)
                says = (again, *says)
        case LegStep.READBACK:
            says = (phrase(services, language, "agent.note_readback", note=leg.wrapup.note),)
        case LegStep.SAVED | LegStep.IN_HANDS as step:
            return Reply(prompts=(phrase(services, language, f"agent.{step}"),), verb=HangUp())
        case step:
            says = (phrase(services, language, f"agent.{step}"),)
    return Reply(
        prompts=says,
        verb=GatherInput(
            listen=LISTEN_BY_STEP.get(leg.prompt.step, KEY),
            action_url=services.urls.agent(leg.id, leg.prompt.turn),
        ),
    )


def on_input(services: Services, view: LegView, heard: FlowInput) -> Reply:
    """A key or a sentence in the wrap-up."""
    for change in services.store.transact(view.records):
        if change.is_retry:
            latest = leg_view.reload(services, view)
            if latest.leg.prompt.turn != view.leg.prompt.turn or latest.leg.state is not LegState.WRAPPING:
                return conference.ask_again(services, view.leg)
            view = latest
        leg = view.leg
        told = _STEP_HANDLERS[leg.prompt.step](services, leg, heard, change)
        new = change.put(leg, replace(told, prompt=replace(told.prompt, turn=leg.prompt.turn + 1)))
        if new.prompt.step in FINAL_STEPS:
            finish(services, new, change)
    return prompt(services, view.with_leg(new))


def _on_disposition(services: Services, leg: AgentLeg, heard: FlowInput, change: Change) -> AgentLeg:
    word = DISPOSITION_BY_KEY.get(heard.value) if heard.kind is FlowInputKind.KEYS else None
    if word is None:
        return _retry_or_go_to(leg, next_step=LegStep.SAVED)
    contact = latest_contact(leg, change)
    if contact is not None and contact.leg == leg.id:  # or the caller is with somebody else by now
        give_disposition(services, contact, word, leg, change)
    told = replace(leg, wrapup=replace(leg.wrapup, disposition=word))
    if word in (Disposition.HELPED, Disposition.MORE):
        return told.go_to_step(LegStep.NOTE)
    return told.go_to_step(LegStep.TAKE_OVER if _escalation_to_take_over(leg, change) else LegStep.SAVED)


def _on_take_over(services: Services, leg: AgentLeg, heard: FlowInput, change: Change) -> AgentLeg:
    """Only a person's key ends what nobody could keep: it is theirs. Otherwise the line goes on trying."""
    promise = _escalation_to_take_over(leg, change)
    agent = change.get(Agent, leg.agent)
    if heard.value != "1" or promise is None or agent is None:
        return leg.go_to_step(LegStep.SAVED)
    promise_lifecycle.end_promise(promise, PromiseState.OWNED, change, owner=agent.id)
    supervisor_alerts.text_new_owner(services, promise, agent, change)
    return leg.go_to_step(LegStep.IN_HANDS)


def _on_note(services: Services, leg: AgentLeg, heard: FlowInput, change: Change) -> AgentLeg:
    if heard.kind is not FlowInputKind.WORDS or not heard.value.strip():
        return _go_to_step_after_note(leg, latest_contact(leg, change), change)
    words = heard.value.strip()
    save_note(services, leg, words, change)
    return replace(leg, wrapup=replace(leg.wrapup, note=words)).go_to_step(LegStep.READBACK)


def _on_readback(services: Services, leg: AgentLeg, heard: FlowInput, change: Change) -> AgentLeg:
    del services
    if heard.value == "2":
        return leg.go_to_step(LegStep.NOTE)
    return _go_to_step_after_note(leg, latest_contact(leg, change), change)


def _go_to_step_after_note(leg: AgentLeg, contact: Contact | None, change: Change) -> AgentLeg:
    """One who handed the caller on is done; one who has just promised a call is not asked for it again."""
    if contact is None or contact.leg != leg.id:
        return leg.go_to_step(LegStep.SAVED)
    owed = change.get(Promise, contact.promise)
    promised = owed is not None and owed.owner == leg.agent and owed.created_at >= leg.offer.made_at
    return leg.go_to_step(_name_or_saved_step(contact, change) if promised else LegStep.FOLLOW_UP)


def _on_follow_up_hours(services: Services, leg: AgentLeg, heard: FlowInput, change: Change) -> AgentLeg:
    digits = heard.value if heard.kind is FlowInputKind.KEYS else ""
    contact = latest_contact(leg, change)
    if contact is not None and digits.isdigit() and 0 < int(digits) <= 24 * 14:
        promise_follow_up(services, contact, leg, int(digits), change)
    elif not digits and not leg.prompt.tries:
        return leg.count_try()
    return leg.go_to_step(_name_or_saved_step(contact, change))


def _name_or_saved_step(contact: Contact | None, change: Change) -> LegStep:
    customer = change.get(Customer, contact.caller.number) if contact and contact.caller.number else None
    return LegStep.NAME if customer is not None and not customer.name else LegStep.SAVED


def _on_name(services: Services, leg: AgentLeg, heard: FlowInput, change: Change) -> AgentLeg:
    contact = latest_contact(leg, change)
    customer = change.get(Customer, contact.caller.number) if contact else None
    if heard.kind is FlowInputKind.WORDS and heard.value.strip() and customer is not None:
        last_talk.set_customer_name(
            services, customer, heard.value.strip(" .").title()[:MAX_NAME_LENGTH], change
        )
    return leg.go_to_step(LegStep.SAVED)


_STEP_HANDLERS: dict[LegStep, StepHandler] = {
    LegStep.DISPOSITION: _on_disposition,
    LegStep.TAKE_OVER: _on_take_over,
    LegStep.NOTE: _on_note,
    LegStep.READBACK: _on_readback,
    LegStep.FOLLOW_UP: _on_follow_up_hours,
    LegStep.NAME: _on_name,
    LegStep.SAVED: lambda _services, leg, _heard, _change: leg,
}


def on_hangup(services: Services, leg: AgentLeg) -> None:
    """They hung up during the wrap-up: what they said stands; what they did not say is asked later."""
    for change in services.store.transact():
        if change.is_retry:
            leg = services.store.reload(leg)
        if leg.state is not LegState.WRAPPING:
            return
        finish(services, change.put(leg, leg), change)


def _retry_or_go_to(leg: AgentLeg, *, next_step: LegStep, max_tries: int = MAX_TRIES) -> AgentLeg:
    """Ask again, a few times."""
    if leg.prompt.tries + 1 >= max_tries:
        return leg.go_to_step(next_step)
    return leg.count_try()
