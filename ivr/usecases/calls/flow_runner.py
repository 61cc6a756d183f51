"""The caller's dialogue: what was pressed or said is folded through the flow, and what the flow asks for is carried out."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TypeGuard

from ivr.domain.records.contact import Contact, ContactState
from ivr.flow import engine
from ivr.flow import turn as t
from ivr.flow.model import Flow, Library
from ivr.flow.steps.menu import MenuStep
from ivr.services import Services
from ivr.store.change import Change
from ivr.store.queries import contacts
from ivr.store.queries.contacts import ContactInput
from ivr.telephony.reply import GatherInput, HangUp, RecordSpeech, Redirect, Reply
from ivr.usecases.calls.actions import get_action
from ivr.usecases.customers import caller_context

# folded at a time; whoever presses keys for hours must not make each webhook slower than the last
MAX_FOLDED_INPUTS = 20
MAX_PATH_LENGTH = 2000  # characters
MAX_EFFECTS_PER_TURN = 12  # in one turn; a flow that asks for more is broken and leads to a person


@dataclass(frozen=True, kw_only=True)
class FlowResult:
    """Where the dialogue has come to: the contact as it will be, what is said, what comes next."""

    contact: Contact
    turn: t.Turn
    says: tuple[t.Prompt, ...]
    changed: bool = False


def library_for(services: Services, contact: Contact) -> Library:
    """The version that the call began with, whatever was published meanwhile; the present one when that is gone."""
    return services.flow_versions.get_version(contact.flow_progress.version) or services.library


def flow_for(library: Library, contact: Contact) -> Flow:
    return library.flows.get(contact.flow_progress.name) or library.get_flow_for_number(
        contact.caller.called_number
    )


def pack_position(position: t.Position) -> str:
    return json.dumps(
        [position.step, position.stage, position.failures, position.language, dict(position.memo)],
        separators=(",", ":"),
    )


def unpack_position(text: str) -> t.Position:
    step, stage, tries, language, memo = json.loads(text)
    return t.Position(step=step, stage=stage, failures=tries, language=language, memo=memo)


def begin(services: Services, contact: Contact, change: Change) -> FlowResult:
    """The first turn of the flow."""
    library = library_for(services, contact)
    flow = flow_for(library, contact)
    situation = caller_context.unpack_context(services, contact, change.now)
    turn = engine.start_flow(flow, library, situation, contact.caller.language)
    return _save_position(
        _run_effects(services, caller_context.record_queue_status(contact, situation), turn, change)
    )


def begin_at(
    services: Services, contact: Contact, change: Change, step: str, params: dict[str, str] | None = None
) -> FlowResult:
    """Begin a built-in dialogue ("@promise", "@choose_time" ...) wherever the caller is."""
    library = library_for(services, contact)
    flow = flow_for(library, contact)
    params = {
        "queue": contact.queue_place.name or flow.person_queue,
        "skills": ",".join(contact.queue_place.skills),
        **(params or {}),
    }
    if contact.reason:
        params["reason"] = "known"
    situation = caller_context.unpack_context(services, contact, change.now)
    turn = engine.start_at_step(flow, library, situation, contact.caller.language, step, params)
    return _save_position(
        _run_effects(services, caller_context.record_queue_status(contact, situation), turn, change)
    )


def _save_position(result: FlowResult) -> FlowResult:
    """A dialogue that has just begun is written down with its place."""
    if _is_carried_out(result.turn.action):
        return result  # the call has left the flow
    return replace(result, contact=_place(result.contact, result.turn.position), changed=True)


def apply_inputs(
    services: Services, contact: Contact, inputs: Sequence[ContactInput], change: Change
) -> FlowResult:
    """Fold what was heard since the position was kept. `change` is filled when something must be written."""
    library = library_for(services, contact)
    flow = flow_for(library, contact)
    position = unpack_position(contact.flow_progress.position)
    turn: t.Turn | None = None
    path = contact.flow_progress.path
    situation = caller_context.unpack_context(services, contact, change.now)
    for got in inputs:
        situation = caller_context.with_time(services, situation, got.at)
        path = _extend_path(
            path, position, got.flow_input, _chosen_option_key(flow, library, position, got.flow_input)
        )
        turn = engine.apply_input(flow, library, position, situation, got.flow_input)
        position = turn.position
        if not isinstance(turn.action, t.Listen | t.RecordMessage):
            break
    if turn is None:  # nothing new: say it again
        again = t.FlowInput(kind=t.FlowInputKind.KEYS, value="*")
        turn = engine.apply_input(flow, library, position, situation, again)
    seen = max((got.number for got in inputs), default=contact.flow_progress.inputs_seen)
    said = _run_effects(
        services,
        caller_context.record_queue_status(
            replace(contact, flow_progress=replace(contact.flow_progress, path=path)), situation
        ),
        turn,
        change,
        seen=seen,
    )
    new_language = contact.caller.language != said.turn.position.language
    many = len(inputs) >= MAX_FOLDED_INPUTS
    if many:
        contacts.delete_folded_inputs(contact.id, inputs, change)
    if not said.changed and (new_language or many or caller_context.has_read_queue_status(situation)):
        kept = replace(
            said.contact,
            flow_progress=replace(
                said.contact.flow_progress, position=pack_position(turn.position), inputs_seen=seen, path=path
            ),
        )
        return replace(said, contact=kept, changed=True)
    return said


def _run_effects(
    services: Services, contact: Contact, turn: t.Turn, change: Change, *, seen: int | None = None
) -> FlowResult:
    """Do what the turn asks until it listens, waits or ends; several effects may follow one input."""
    library = library_for(services, contact)
    flow = flow_for(library, contact)
    says = turn.prompts
    changed = False
    for _ in range(MAX_EFFECTS_PER_TURN + 1):  # the queue that they lead to may be the last one
        contact = replace(contact, caller=replace(contact.caller, language=turn.position.language))
        if not _is_carried_out(turn.action):
            break
        here = _place(contact, turn.position)  # where its RESULT is heard
        contact, result = get_action(turn.action).carry_out(services, here, turn.action, change)
        changed = True
        if not result:  # the call has left the flow
            return FlowResult(contact=_mark_seen(contact, seen), turn=turn, says=says, changed=True)
        situation = caller_context.unpack_context(services, contact, change.now)
        heard = t.FlowInput(kind=t.FlowInputKind.RESULT, value=result)
        turn = engine.apply_input(flow, library, turn.position, situation, heard)
        says = (*says, *turn.prompts)
    else:  # the flow asks for more than is done in one turn
        person = begin_at(services, contact, change, "@person")
        return replace(person, contact=_mark_seen(person.contact, seen), says=(*says, *person.says))
    if changed or isinstance(turn.action, t.EndOfCall):
        contact = _place(contact, turn.position)
    if changed:
        contact = _mark_seen(contact, seen)
    return FlowResult(contact=contact, turn=turn, says=says, changed=changed)


def _is_carried_out(action: t.TurnAction) -> TypeGuard[t.Effect]:
    """Whether something is to be done for the turn; else the caller is heard, or the call ends."""
    return isinstance(action, t.Effect) and not isinstance(action, t.RecordMessage)


def _place(contact: Contact, position: t.Position) -> Contact:
    return replace(contact, flow_progress=replace(contact.flow_progress, position=pack_position(position)))


def _mark_seen(contact: Contact, seen: int | None) -> Contact:
    """`seen`: the caller's inputs up to which the flow has come; None: none of them."""
    if seen is None:
        return contact
    return replace(contact, flow_progress=replace(contact.flow_progress, inputs_seen=seen))


def to_reply(services: Services, result: FlowResult, input_number: int, *, in_waiting_room: bool) -> Reply:
    """What the caller hears and does next. `input_number`: that of their last input; `in_waiting_room`: they are in Twilio's waiting room."""
    contact = result.contact
    match result.turn.action:
        case t.Listen() as listen:
            action = services.urls.step(
                contact.id,
                input_number + 1,
                in_queue=in_waiting_room,
                lookup_seconds=listen.processing_seconds,
            )
            if not listen.seconds and not result.says:
                return Reply(verb=Redirect(url=action))
            # words are heard to their end, and 0 in them: a Gather waits for a second at least
            listen = replace(listen, seconds=max(1, listen.seconds))
            return Reply(prompts=result.says, verb=GatherInput(listen=listen, action_url=action))
        case t.RecordMessage(seconds=seconds):
            then = RecordSpeech(
                action_url=services.urls.recorded(contact.id, input_number + 1),
                max_seconds=seconds,
                silence_url=services.urls.recorded(contact.id, input_number + 1),
            )
            return Reply(prompts=result.says, verb=then)
        case t.Effect() as effect:
            build_verb = get_action(effect).build_verb
            verb = (
                build_verb(services, contact, effect, input_number, in_waiting_room)
                if build_verb
                else HangUp()
            )
            return Reply(prompts=result.says, verb=verb)
        case _:
            return Reply(prompts=result.says, verb=HangUp())


def is_in_dialog(contact: Contact) -> bool:
    return bool(contact.flow_progress.position) and contact.state in (
        ContactState.FLOW,
        ContactState.WAITING,
        ContactState.ON_HOLD,
    )


def _chosen_option_key(flow: Flow, library: Library, position: t.Position, heard: t.FlowInput) -> str:
    """The key of the option that words have chosen in a menu."""
    step = flow.get_step(position.step)
    if heard.kind is not t.FlowInputKind.WORDS or not isinstance(step, MenuStep):
        return ""
    option = step.find_option(flow, library, position.language, heard)
    return option.key if option else ""


def _extend_path(path: str, position: t.Position, heard: t.FlowInput, option_key: str) -> str:
    """For the event log and replays: where, and which key; of words only that there were some, and what they have chosen."""
    what = {
        t.FlowInputKind.KEYS: heard.value[:1] if len(heard.value) == 1 else "digits",
        t.FlowInputKind.WORDS: f"words:{option_key}" if option_key else "words",
        t.FlowInputKind.SILENCE: "silence",
    }.get(heard.kind, heard.kind.value)
    return path if len(path) > MAX_PATH_LENGTH else f"{path} {position.step}={what}".strip()
