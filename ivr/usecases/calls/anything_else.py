"""After the talk: what happens next, anything else, how was it. The caller says goodbye first."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from zoneinfo import ZoneInfo

from ivr.domain.records.agent_leg import AgentLeg
from ivr.domain.records.contact import Contact
from ivr.domain.records.contact_parts import AfterCallQuestion
from ivr.domain.records.promise import ENDED, Promise, PromiseState
from ivr.domain.speech import spoken_text
from ivr.flow.turn import FlowInput, FlowInputKind, Listen, Prompt
from ivr.services import Services
from ivr.store.change import Change
from ivr.store.queries.contacts import ContactInput
from ivr.telephony.reply import GatherInput, HangUp, Reply
from ivr.usecases.contacts import caller_moves, outcome
from ivr.usecases.customers import case_thread
from ivr.usecases.phrases import phrase
from ivr.usecases.promises import lifecycle as promise_lifecycle

KEY = Listen(max_digits=1, seconds=5, speech=False)
SENTENCE = Listen(max_digits=1, seconds=6, speech=True)
MAX_POOR_RATING = 2  # of 5: somebody rings and puts it right


def prompt(services: Services, contact: Contact) -> Reply:
    """The question the caller is at."""
    language = contact.caller.language
    n = contact.flow_progress.inputs_seen + 1
    action = services.urls.step(contact.id, n)
    match contact.after_call.question:
        case AfterCallQuestion.RATING:
            return Reply(
                prompts=(phrase(services, language, "after.rate"),),
                verb=GatherInput(listen=KEY, action_url=action),
            )
        case AfterCallQuestion.COMMENT:
            return Reply(
                prompts=(phrase(services, language, "after.comment"),),
                verb=GatherInput(listen=SENTENCE, action_url=action),
            )
        case AfterCallQuestion.GOODBYE:
            words = [phrase(services, language, "after.goodbye")]
            if 0 < contact.after_call.rating <= MAX_POOR_RATING:
                words.insert(0, phrase(services, language, "after.sorry"))
            elif contact.after_call.rating:
                words.insert(0, phrase(services, language, "after.thanks"))
            return Reply(prompts=tuple(words), verb=HangUp())
    says = (*_next_steps_prompts(services, contact), phrase(services, language, "after.anything_else"))
    return Reply(prompts=says, verb=GatherInput(listen=KEY, action_url=action))


def _next_steps_prompts(services: Services, contact: Contact) -> tuple[Prompt, ...]:
    """The understanding and the next steps, read back."""
    says: list[Prompt] = []
    if contact.next_steps:
        says.append(phrase(services, contact.caller.language, "after.next_steps", steps=contact.next_steps))
    promise = services.store.get(Promise, contact.promise)
    if promise is not None and promise.state not in ENDED and promise.state is not PromiseState.MERGED:
        zone = ZoneInfo(promise.zone or services.settings.default_time_zone)
        now = datetime.fromtimestamp(services.clock.now(), zone)
        when = spoken_text.by_when(datetime.fromtimestamp(promise.due_by, zone), contact.caller.language, now)
        says.append(phrase(services, contact.caller.language, "after.promised", when=when))
    return tuple(says)


def on_input(services: Services, contact: Contact, new_input: ContactInput) -> None:
    """What the caller answered is written down; the reply follows from the state that came of it."""
    if new_input.number <= contact.flow_progress.inputs_seen:  # a repeated webhook
        return
    change = services.store.begin()
    after = _QUESTION_HANDLERS[contact.after_call.question](services, contact, new_input.flow_input, change)
    kept = change.put(
        contact, replace(after, flow_progress=replace(after.flow_progress, inputs_seen=new_input.number))
    )
    if kept.state is contact.state:
        change.schedule(kept, change.now + 120)
    services.store.commit_best_effort(change)


def _on_anything_else(services: Services, contact: Contact, heard: FlowInput, change: Change) -> Contact:
    wants = heard.kind is FlowInputKind.KEYS and heard.value in ("1", "0")
    if wants:
        return caller_moves.move_to_front(services, replace(contact, talked=False), change)
    return _ask(contact, AfterCallQuestion.RATING)


def _ask(contact: Contact, question: AfterCallQuestion) -> Contact:
    return replace(contact, after_call=replace(contact.after_call, question=question))


def _on_rating(services: Services, contact: Contact, heard: FlowInput, change: Change) -> Contact:
    rating = heard.value if heard.kind is FlowInputKind.KEYS else ""
    if rating not in ("1", "2", "3", "4", "5"):
        return _ask(contact, AfterCallQuestion.GOODBYE)
    poor = int(rating) <= MAX_POOR_RATING
    asked = _ask(contact, AfterCallQuestion.COMMENT if poor else AfterCallQuestion.GOODBYE)
    return record_rating(services, asked, int(rating), change)


def record_rating(services: Services, contact: Contact, rating: int, change: Change) -> Contact:
    """How it was, by key or by text. A poor answer makes a promise: a supervisor rings and puts it right."""
    leg = services.store.get(AgentLeg, contact.leg)
    by = (leg.agent if leg else "") or contact.served_by  # somebody outside is none of ours
    asked = replace(
        contact,
        served_by=by,
        after_call=replace(contact.after_call, rating=rating, rating_asked=True, rated_at=change.now),
    )
    change.log_event("rated", contact=contact.id, rating=rating)
    if rating <= MAX_POOR_RATING:
        asked = outcome.promise_supervisor_call(services, asked, change, why=contact.reason)
    return asked


def _on_comment(services: Services, contact: Contact, heard: FlowInput, change: Change) -> Contact:
    told = (
        record_comment(services, contact, heard.value, change)
        if heard.kind is FlowInputKind.WORDS
        else contact
    )
    return _ask(told, AfterCallQuestion.GOODBYE)


def record_comment(services: Services, contact: Contact, comment: str, change: Change) -> Contact:
    """Their own words on how it was; a person reads them."""
    contact = promise_lifecycle.ensure_case(services, contact, change)
    case_thread.add_entry(contact.case, "comment", change, contact=contact.id, words=comment)
    return replace(contact, after_call=replace(contact.after_call, comment=comment))


def _on_goodbye(services: Services, contact: Contact, heard: FlowInput, change: Change) -> Contact:
    del services, heard, change
    return contact


_QUESTION_HANDLERS: dict[AfterCallQuestion, Callable[[Services, Contact, FlowInput, Change], Contact]] = {
    AfterCallQuestion.ANYTHING_ELSE: _on_anything_else,
    AfterCallQuestion.RATING: _on_rating,
    AfterCallQuestion.COMMENT: _on_comment,
    AfterCallQuestion.GOODBYE: _on_goodbye,
}
