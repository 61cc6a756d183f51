"""The caller's dialogue: what was pressed or said is folded through the flow, and what the flow asks for is carried out."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace

from ivr.domain.records.contact import Contact, ContactState
from ivr.flow import engine
from ivr.flow import turn as t
from ivr.flow.model import Flow, Library
from ivr.flow.steps.menu import Menu
from ivr.services import Services
from ivr.store import keys
from ivr.store.change import Change
from ivr.store.queries.contacts import Input
from ivr.telephony.reply import Again, HangUp, Hear, Record, Reply, Through, WaitInLine
from ivr.usecases.calls import flow_actions
from ivr.usecases.customers import caller_context

# folded at a time; whoever presses keys for hours must not make each webhook slower than the last
MOST_INPUTS = 20
LONGEST_PATH = 2000  # characters
MOST_EFFECTS = 12  # in one turn; a flow that asks for more is broken and leads to a person


@dataclass(frozen=True, kw_only=True)
class Said:
    """Where the dialogue has come to: the contact as it will be, what is said, what comes next."""

    contact: Contact
    turn: t.Turn
    says: tuple[t.Says, ...]
    changed: bool = False


def library_of(s: Services, contact: Contact) -> Library:
    """The version that the call began with, whatever was published meanwhile; the present one when that is gone."""
    return s.shelf.version(contact.version) or s.library


def flow_of(library: Library, contact: Contact) -> Flow:
    return library.flows.get(contact.flow) or library.for_line(contact.line)


def pack(position: t.Position) -> str:
    return json.dumps(
        [position.step, position.stage, position.tries, position.language, dict(position.memo)],
        separators=(",", ":"),
    )


def unpack(text: str) -> t.Position:
    step, stage, tries, language, memo = json.loads(text)
    return t.Position(step=step, stage=stage, tries=tries, language=language, memo=memo)


def begin(s: Services, contact: Contact, change: Change) -> Said:
    """The first turn of the flow."""
    library = library_of(s, contact)
    flow = flow_of(library, contact)
    situation = caller_context.situation(s, contact, change.now)
    turn = engine.begin(flow, library, situation, contact.language)
    return _placed(_carry_out(s, caller_context.noting(contact, situation), turn, change))


def enter(
    s: Services, contact: Contact, change: Change, step: str, params: dict[str, str] | None = None
) -> Said:
    """Begin a built-in dialogue ("@promise", "@choose_time" ...) wherever the caller is."""
    library = library_of(s, contact)
    flow = flow_of(library, contact)
    params = {"queue": contact.queue or flow.person, "skills": ",".join(contact.skills), **(params or {})}
    if contact.reason:
        params["reason"] = "known"
    situation = caller_context.situation(s, contact, change.now)
    turn = engine.begin_at(flow, library, situation, contact.language, step, params)
    return _placed(_carry_out(s, caller_context.noting(contact, situation), turn, change))


def _placed(said: Said) -> Said:
    """A dialogue that has just begun is written down with its place."""
    if isinstance(said.turn.then, t.Enqueue):
        return said
    return replace(said, contact=replace(said.contact, position=pack(said.turn.position)), changed=True)


def hear(s: Services, contact: Contact, inputs: Sequence[Input], change: Change) -> Said:
    """Fold what was heard since the position was kept. `change` is filled when something must be written."""
    library = library_of(s, contact)
    flow = flow_of(library, contact)
    position = unpack(contact.position)
    turn: t.Turn | None = None
    path = contact.path
    situation = caller_context.situation(s, contact, change.now)
    for got in inputs:
        situation = caller_context.later(s, situation, got.at)
        path = _trace(path, position, got.heard, _option(flow, library, position, got.heard))
        turn = engine.hear(flow, library, position, situation, got.heard)
        position = turn.position
        if not isinstance(turn.then, t.Listen | t.TakeMessage):
            break
    if turn is None:  # nothing new: say it again
        again = t.Heard(kind=t.HeardKind.KEYS, value="*")
        turn = engine.hear(flow, library, position, situation, again)
    seen = max((got.n for got in inputs), default=contact.seen)
    said = _carry_out(
        s, caller_context.noting(replace(contact, path=path), situation), turn, change, seen=seen
    )
    new_language = contact.language != said.turn.position.language
    many = len(inputs) >= MOST_INPUTS
    if many:
        folded = (str(got.n) for got in inputs)  # they are in the position now
        change.op("HDEL", keys.inputs(contact.id), *folded)
    if not said.changed and (new_language or many or caller_context.asked_how_busy(situation)):
        kept = replace(said.contact, position=pack(turn.position), seen=seen, path=path)
        return replace(said, contact=kept, changed=True)
    return said


def _carry_out(
    s: Services, contact: Contact, turn: t.Turn, change: Change, *, seen: int | None = None
) -> Said:
    """Do what the turn asks until it listens, waits or ends; several effects may follow one input."""
    library = library_of(s, contact)
    flow = flow_of(library, contact)
    says = turn.says
    changed = False
    for _ in range(MOST_EFFECTS):
        contact = replace(contact, language=turn.position.language)
        if isinstance(turn.then, t.Dial):
            contact, result = flow_actions.ring_outside(s, contact, turn.then, change)
            if not result:
                break
        elif isinstance(turn.then, t.Enqueue) and flow_actions.no_room(contact, turn.then, change):
            contact, result = flow_actions.turned_away(contact, turn.then, change), "full"
        elif isinstance(turn.then, t.Listen | t.TakeMessage | t.End | t.Enqueue):
            break
        else:
            contact, result = flow_actions.carry_out(s, contact, turn.then, change)
        changed = True
        situation = caller_context.situation(s, contact, change.now)
        heard = t.Heard(kind=t.HeardKind.RESULT, value=result)
        turn = engine.hear(flow, library, turn.position, situation, heard)
        says = (*says, *turn.says)
    if isinstance(turn.then, t.Enqueue):
        contact = flow_actions.join_line(s, contact, turn.then, change)
        changed = True
    elif changed or isinstance(turn.then, t.End | t.Dial):
        contact = replace(contact, position=pack(turn.position))
    changed = changed or isinstance(turn.then, t.Dial)
    if changed and seen is not None:
        contact = replace(contact, seen=seen)
    return Said(contact=contact, turn=turn, says=says, changed=changed)


def reply(s: Services, said: Said, n: int, *, in_line: bool) -> Reply:
    """What the caller hears and does next. `n`: the number of their last input; `in_line`: they are in Twilio's waiting room."""
    contact = said.contact
    match said.turn.then:
        case t.Listen() as listen:
            action = s.urls.step(contact.id, n + 1, in_line=in_line, takes=listen.takes)
            if not listen.seconds and not said.says:
                return Reply(then=Again(url=action))
            # words are heard to their end, and 0 in them: a Gather waits for a second at least
            listen = replace(listen, seconds=max(1, listen.seconds))
            return Reply(says=said.says, then=Hear(listen=listen, action=action))
        case t.TakeMessage(seconds=seconds):
            then = Record(
                action=s.urls.recorded(contact.id, n + 1),
                seconds=seconds,
                after_silence=s.urls.recorded(contact.id, n + 1),
            )
            return Reply(says=said.says, then=then)
        case t.Dial() as dial:
            then_out = Through(
                number=dial.number,
                caller_id=s.settings.caller_id or contact.line,
                action=s.urls.came_back(contact.id, n + 1),
                seconds=dial.seconds,
                screen=s.urls.outside(contact.id, n + 1),
            )
            return Reply(says=said.says, then=then_out)
        case t.Enqueue():
            if in_line:
                return Reply(says=said.says, then=Again(url=s.urls.wait(contact.id, n + 1)))
            return Reply(says=said.says, then=waiting_room(s, contact, n))
        case _:
            return Reply(says=said.says, then=HangUp())


def waiting_room(s: Services, contact: Contact, n: int) -> WaitInLine:
    """Twilio's queues hold 1,000 by default: sixteen rooms, by the contact's own id."""
    return WaitInLine(
        name=f"{contact.queue}-{contact.id[0]}",
        wait=s.urls.wait(contact.id, n + 1),
        action=s.urls.left(contact.id, contact.stage),
    )


def in_dialogue(contact: Contact) -> bool:
    return bool(contact.position) and contact.state in (
        ContactState.FLOW,
        ContactState.WAITING,
        ContactState.HELD,
    )


def _option(flow: Flow, library: Library, position: t.Position, heard: t.Heard) -> str:
    """The key of the option that words have chosen in a menu."""
    step = flow.step(position.step)
    if heard.kind is not t.HeardKind.WORDS or not isinstance(step, Menu):
        return ""
    option = step.chosen(flow, library, position.language, heard)
    return option.key if option else ""


def _trace(path: str, position: t.Position, heard: t.Heard, option: str) -> str:
    """For the journal and rehearsals: where, and which key; of words only that there were some, and what they have chosen."""
    what = {
        t.HeardKind.KEYS: heard.value[:1] if len(heard.value) == 1 else "digits",
        t.HeardKind.WORDS: f"words:{option}" if option else "words",
        t.HeardKind.SILENCE: "silence",
    }.get(heard.kind, heard.kind.value)
    return path if len(path) > LONGEST_PATH else f"{path} {position.step}={what}".strip()
