"""Wrap-up by phone keys: how it ended, what was understood, what happens next and by when.

The disposition decides the contact's outcome; the note stands in the case from the moment it was heard; a next step with a
time becomes a promise that the agent owns.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace

from ivr.domain.records import agent as agents
from ivr.domain.records.agent import Agent
from ivr.domain.records.agent_leg import AgentLeg, LegKind, LegResult, LegState
from ivr.domain.records.contact import Contact, ContactState
from ivr.domain.records.customer import Customer
from ivr.domain.records.promise import RESCHEDULED, Promise, PromiseKind, PromiseState
from ivr.flow.turn import FlowInput, FlowInputKind, Listen, Prompt
from ivr.services import Services
from ivr.store.change import Change
from ivr.telephony.reply import GatherInput, HangUp, Reply
from ivr.usecases.conferences import conference
from ivr.usecases.contacts import outcome
from ivr.usecases.customers import brief as customer_brief
from ivr.usecases.customers import case_thread, last_talk
from ivr.usecases.phrases import phrase
from ivr.usecases.promises import attempts as promise_attempts
from ivr.usecases.promises import lifecycle as promise_lifecycle
from ivr.usecases.promises import supervisor_alerts
from ivr.usecases.texting import send as texting_send

TIMEOUT_SECONDS = 120.0  # seconds for all of it
ROUND_UP_TO_SECONDS = 300  # seconds: times are promised as people say them
MAX_TRIES = 3
MAX_NAME_LENGTH = 80
TAKE_OVER_STEP = "hands"  # the step in which a supervisor may take over what the line could not keep
DISPOSITION_BY_KEY = {"1": "helped", "2": "machine", "3": "nobody", "4": "more"}

KEY = Listen(max_digits=1, seconds=8, speech=False)
HOURS = Listen(max_digits=3, finish_key="#", seconds=8, speech=False)
SENTENCE = Listen(max_digits=1, seconds=8, speech=True)

StepHandler = Callable[[Services, AgentLeg, FlowInput, Change], AgentLeg]


def begin(services: Services, leg: AgentLeg) -> Reply:
    """The talk is over for this agent. One who handed the caller on only says what the next person should know."""
    for change in services.store.transact():
        if change.is_retry:
            leg = services.store.reload(leg)
        contact = services.store.get(Contact, leg.contact)
        agent = services.store.get(Agent, leg.agent)
        if contact is None or agent is None or leg.state is LegState.ENDED:
            return Reply(verb=HangUp())
        if leg.state is LegState.WRAPPING:  # this leg's two requests came at once: one question, one turn
            return prompt(services, leg)
        if contact.state is ContactState.CALLING or _never_talked(contact, leg):
            return _end_without_talk(services, leg, agent)
        first = "disposition" if contact.leg == leg.id and not contact.disposition else "note"
        kept = save_typed_note(services, leg, change)
        wrapping = change.put(
            leg,
            replace(
                kept,
                state=LegState.WRAPPING,
                step=first,
                turn=leg.turn + 1,
                redirect_pending=False,
                redirected_at=0.0,
            ),
        )
        change.put(agent, agents.wrap_up(agent, change.now))
        change.schedule(wrapping, change.now + TIMEOUT_SECONDS)
    return prompt(services, wrapping)


def _never_talked(contact: Contact, leg: AgentLeg) -> bool:
    """They never talked: nothing to say about it."""
    return not contact.talked and (contact.leg != leg.id or contact.state is ContactState.ENDED)


def build_missed_callback_reply(services: Services, leg: AgentLeg) -> Reply | None:
    """A callback that did not come to a talk: the agent hears when it is tried again. None: that is not what happened."""
    contact = services.store.get(Contact, leg.contact)
    promise = services.store.get(Promise, leg.promise)
    if leg.kind is not LegKind.PROMISE or contact is None or not _never_talked(contact, leg):
        return None
    if promise is not None and (promise.state is PromiseState.DECLINED or promise.why == RESCHEDULED):
        changed = phrase(services, conference.language_for_leg(services, leg), "callback.changed")
        return Reply(prompts=(changed,), verb=HangUp())
    if promise is None or promise.state not in (PromiseState.MADE, PromiseState.ESCALATED):
        return None
    words = customer_brief.build_next_attempt_prompt(
        services, promise, conference.language_for_leg(services, leg)
    )
    return Reply(prompts=(words,), verb=HangUp())


def _end_without_talk(services: Services, leg: AgentLeg, agent: Agent) -> Reply:
    for change in services.store.transact():
        if change.is_retry:
            leg = services.store.reload(leg)
            agent = services.store.reload(agent)
        if leg.state is LegState.ENDED:
            break
        if _escalation_to_take_over(services, leg, change):
            leg = change.put(
                leg,
                replace(
                    leg,
                    state=LegState.WRAPPING,
                    step=TAKE_OVER_STEP,
                    turn=leg.turn + 1,
                    redirect_pending=False,
                    redirected_at=0.0,
                ),
            )
            change.put(agent, agents.wrap_up(agent, change.now))
            change.schedule(leg, change.now + TIMEOUT_SECONDS)
        else:
            conference.end_leg(services, leg, LegResult.CANCELLED, change)
    if leg.state is LegState.WRAPPING:
        return prompt(services, leg)
    gone = Reply(prompts=(phrase(services, agent.languages[0], "agent.gone"),), verb=HangUp())
    return build_missed_callback_reply(services, leg) or gone


def _escalation_to_take_over(services: Services, leg: AgentLeg, change: Change) -> Promise | None:
    """The escalated promise that this leg has tried to keep in vain: its agent may say that it is theirs now."""
    promise = change.latest(services.store.get(Promise, leg.promise))
    if promise is None or promise.kind is not PromiseKind.ESCALATION or promise.owner != leg.agent:
        return None
    return promise if promise.state is PromiseState.MADE else None


def prompt(services: Services, leg: AgentLeg) -> Reply:
    """The question this leg is at."""
    language = conference.language_for_leg(services, leg)
    says: tuple[Prompt, ...]
    match leg.step:
        case "hands":
            promise = services.store.get(Promise, leg.promise)
            again = (
                (customer_brief.build_next_attempt_prompt(services, promise, language),) if promise else ()
            )
            says = (*again, phrase(services, language, "agent.hands"))
        case "in_hands":
            return Reply(prompts=(phrase(services, language, "agent.in_hands"),), verb=HangUp())
        case "readback":
            says = (phrase(services, language, "agent.note_readback", note=leg.note),)
        case "saved":
            return Reply(prompts=(phrase(services, language, "agent.saved"),), verb=HangUp())
        case step:
            says = (phrase(services, language, f"agent.{step}"),)
    listen = {"note": SENTENCE, "name": SENTENCE, "owe_call": HOURS}.get(leg.step, KEY)
    return Reply(
        prompts=says, verb=GatherInput(listen=listen, action_url=services.urls.agent(leg.id, leg.turn))
    )


def on_input(services: Services, leg: AgentLeg, heard: FlowInput) -> Reply:
    for change in services.store.transact():
        if change.is_retry:
            latest = services.store.reload(leg)
            if latest.turn != leg.turn or latest.state is not LegState.WRAPPING:
                return conference.ask_again(services, leg)
            leg = latest
        new = _STEP_HANDLERS[leg.step](services, leg, heard, change)
        new = change.put(leg, replace(new, turn=leg.turn + 1))
        if new.step in ("saved", "in_hands"):
            finish(services, new, change)
    return prompt(services, new)


def _on_disposition(services: Services, leg: AgentLeg, heard: FlowInput, change: Change) -> AgentLeg:
    word = DISPOSITION_BY_KEY.get(heard.value, "") if heard.kind is FlowInputKind.KEYS else ""
    if not word:
        return _retry_or_go_to(leg, next_step="saved")
    contact = _latest_contact(services, leg, change)
    if contact is not None and contact.leg == leg.id:  # or the caller is with somebody else by now
        give_disposition(services, contact, word, leg, change)
    if word in ("machine", "nobody") and _escalation_to_take_over(services, leg, change):
        return replace(leg, disposition=word, step=TAKE_OVER_STEP, tries=0)
    return replace(leg, disposition=word, step="note" if word in ("helped", "more") else "saved", tries=0)


def give_disposition(
    services: Services, contact: Contact, disposition: str, leg: AgentLeg, change: Change
) -> None:
    """The agent's disposition, kept as soon as it is given; the contact is concluded when the wrap-up is over."""
    change.put(contact, replace(contact, disposition=disposition))
    change.log_event("disposition", contact=contact.id, agent=leg.agent, word=disposition)
    promise = change.latest(services.store.get(Promise, contact.promise))
    if promise is not None and promise.state is PromiseState.TALKING:
        if disposition in ("helped", "more"):
            promise_lifecycle.end_promise(
                services, promise, PromiseState.KEPT, change, owner=promise.owner or leg.agent
            )
        else:
            promise_attempts.record_failed_attempt(services, promise, disposition, change)


def _on_take_over(services: Services, leg: AgentLeg, heard: FlowInput, change: Change) -> AgentLeg:
    """Only a person's key ends what nobody could keep: it is theirs. Otherwise the line goes on trying."""
    promise = _escalation_to_take_over(services, leg, change)
    agent = services.store.get(Agent, leg.agent)
    if heard.value != "1" or promise is None or agent is None:
        return replace(leg, step="saved", tries=0)
    promise_lifecycle.end_promise(services, promise, PromiseState.OWNED, change, owner=agent.id)
    supervisor_alerts.text_new_owner(services, promise, agent, change)
    return replace(leg, step="in_hands", tries=0)


def _on_note(services: Services, leg: AgentLeg, heard: FlowInput, change: Change) -> AgentLeg:
    if heard.kind is not FlowInputKind.WORDS or not heard.value.strip():
        return _go_to_step_after_note(services, leg, _latest_contact(services, leg, change))
    words = heard.value.strip()
    save_note(services, leg, words, change)
    return replace(leg, note=words, step="readback", tries=0)


def save_typed_note(services: Services, leg: AgentLeg, change: Change) -> AgentLeg:
    """What was typed in the talk, into the case, whatever ended the talk; the leg, as it is then."""
    if not leg.note_pending:
        return leg
    save_note(services, leg, leg.note, change)
    return replace(leg, note_pending=False)


def save_note(services: Services, leg: AgentLeg, note: str, change: Change) -> None:
    """For the next person, to the word: in the case, and as what was said last."""
    contact = _latest_contact(services, leg, change)
    if contact is None:
        return
    contact = promise_lifecycle.ensure_case(services, contact, change, owner=leg.agent)
    contact = change.put(contact, contact)
    case_thread.add_entry(contact.case, "note", change, agent=leg.agent, contact=contact.id, words=note)
    customer = change.latest(services.store.get(Customer, contact.number))
    agent = services.store.get(Agent, leg.agent)
    if customer is not None and agent is not None:
        told = last_talk.record_last_talk(
            customer, contact, agent=agent, note=note, topic=contact.reason, at=change.now
        )
        change.put(customer, told)


def _on_readback(services: Services, leg: AgentLeg, heard: FlowInput, change: Change) -> AgentLeg:
    if heard.value == "2":
        return replace(leg, step="note", tries=0)
    return _go_to_step_after_note(services, leg, _latest_contact(services, leg, change))


def _go_to_step_after_note(services: Services, leg: AgentLeg, contact: Contact | None) -> AgentLeg:
    """One who handed the caller on is done; one who has just promised a call is not asked for it again."""
    if contact is None or contact.leg != leg.id:
        return replace(leg, step="saved", tries=0)
    owed = services.store.get(Promise, contact.promise)
    promised = owed is not None and owed.owner == leg.agent and owed.created_at >= leg.made_at
    return replace(leg, step=_name_or_saved_step(services, contact) if promised else "owe_call", tries=0)


def _on_follow_up_hours(services: Services, leg: AgentLeg, heard: FlowInput, change: Change) -> AgentLeg:
    digits = heard.value if heard.kind is FlowInputKind.KEYS else ""
    contact = _latest_contact(services, leg, change)
    if contact is not None and digits.isdigit() and 0 < int(digits) <= 24 * 14:
        promise_follow_up(services, contact, leg, int(digits), change)
    elif not digits and not leg.tries:
        return replace(leg, tries=1)
    return replace(leg, step=_name_or_saved_step(services, contact), tries=0)


def promise_follow_up(
    services: Services, contact: Contact, leg: AgentLeg, hours: int, change: Change
) -> Contact:
    """A next step with a time: a promise that this agent owns."""
    at = math.ceil((change.now + hours * 3600) / ROUND_UP_TO_SECONDS) * ROUND_UP_TO_SECONDS
    current = change.latest(services.store.get(Promise, contact.promise))
    if current is not None and current.state in (PromiseState.MERGED, PromiseState.TALKING):
        promise_lifecycle.end_promise(services, current, PromiseState.KEPT, change)
    wanted = promise_lifecycle.PromiseRequest(
        kind=PromiseKind.FOLLOW_UP,
        since=at - min(900.0, hours * 900.0),
        until=at,
        owner=leg.agent,
        reason=contact.reason or leg.note or contact.next_steps,
        queue=contact.queue,
    )
    kept, _ = promise_lifecycle.make_promise(services, contact, wanted, change)
    return change.put(contact, kept)


def _name_or_saved_step(services: Services, contact: Contact | None) -> str:
    customer = services.store.get(Customer, contact.number) if contact and contact.number else None
    return "name" if customer is not None and not customer.name else "saved"


def _on_name(services: Services, leg: AgentLeg, heard: FlowInput, change: Change) -> AgentLeg:
    contact = _latest_contact(services, leg, change)
    customer = change.latest(services.store.get(Customer, contact.number)) if contact else None
    if heard.kind is FlowInputKind.WORDS and heard.value.strip() and customer is not None:
        last_talk.set_customer_name(
            services, customer, heard.value.strip(" .").title()[:MAX_NAME_LENGTH], change
        )
    return replace(leg, step="saved")


_STEP_HANDLERS: dict[str, StepHandler] = {
    "disposition": _on_disposition,
    TAKE_OVER_STEP: _on_take_over,
    "note": _on_note,
    "readback": _on_readback,
    "owe_call": _on_follow_up_hours,
    "name": _on_name,
    "saved": lambda _s, offer, _heard, _change: offer,
}


def finish(services: Services, leg: AgentLeg, change: Change) -> None:
    """The agent is free. A contact that is still owed an outcome gets it, or the agent is asked again later."""
    change.put(leg, replace(leg, state=LegState.ENDED, result=leg.result or LegResult.ACCEPTED))
    change.unschedule(leg)
    agent = change.latest(services.store.get(Agent, leg.agent))
    if agent is not None and agent.leg == leg.id:
        change.put(agent, agents.release(agent, change.now))
        change.log_event("available", agent=agent.id)
    contact = _latest_contact(services, leg, change)
    if contact is None or contact.leg != leg.id:
        return
    if contact.state is ContactState.AWAITING_DISPOSITION and contact.disposition:
        outcome.end_by_disposition(services, contact, change)
    if contact.disposition:
        _text_summary(services, contact, leg, change)


def _text_summary(services: Services, contact: Contact, leg: AgentLeg, change: Change) -> None:
    customer = change.latest(services.store.get(Customer, contact.number))
    if body := build_summary_text(services, contact, customer, leg.note, contact.next_steps):
        texting_send.create_text(
            services,
            to=contact.number,
            our_number=contact.called_number,
            body=body,
            about=contact.key,
            change=change,
        )


def build_summary_text(
    services: Services, contact: Contact, customer: Customer | None, note: str, steps: str
) -> str:
    """What was understood and what happens next, as it is texted; "" when no text goes out."""
    understood = note or contact.reason
    if not understood or customer is None or customer.no_texts:
        return ""
    return services.library.get_phrasebook(contact.language).text(
        "text.summary",
        name=customer.name.split(" ")[0],
        understood=_end_with_period(understood),
        steps=_end_with_period(steps),
    )


def _end_with_period(text: str) -> str:
    """People do not say their full stops."""
    return text if not text or text.endswith((".", "!", "?")) else text + "."


def on_hangup(services: Services, leg: AgentLeg) -> None:
    """They hung up during the wrap-up: what they said stands; what they did not say is asked later."""
    for change in services.store.transact():
        if change.is_retry:
            leg = services.store.reload(leg)
        if leg.state is not LegState.WRAPPING:
            return
        finish(services, change.put(leg, leg), change)


def _retry_or_go_to(leg: AgentLeg, *, next_step: str, max_tries: int = MAX_TRIES) -> AgentLeg:
    """Ask again, a few times."""
    if leg.tries + 1 >= max_tries:
        return replace(leg, step=next_step, tries=0)
    return replace(leg, tries=leg.tries + 1)


def _latest_contact(services: Services, leg: AgentLeg, change: Change) -> Contact | None:
    return change.get_pending(Contact, leg.contact) or services.store.get(Contact, leg.contact)
