"""Reading contacts: by call, and together with what the caller just did."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from ivr.domain.records.contact import Contact
from ivr.flow.turn import FlowInput, FlowInputKind
from ivr.store import codec, keys
from ivr.store.change import Change
from ivr.store.query import Query, ask, parse_first_score
from ivr.store.store import Store, translate_redis_errors


@dataclass(frozen=True, kw_only=True)
class ContactInput:
    """Something the caller did: input `number` of their contact."""

    number: int
    flow_input: FlowInput
    at: float
    idempotency_token: str = ""  # I-Twilio-Idempotency-Token: the same on Twilio's own retry


@dataclass(frozen=True, kw_only=True)
class ContactWithInputs:
    contact: Contact
    waiting_callers: Mapping[str, int]  # who stands in each queue that was asked about
    pending_inputs: tuple[ContactInput, ...]  # not yet folded into the position, in order


def store_input(
    store: Store, contact_id: str, new_input: ContactInput | None, queues: Iterable[str] = ()
) -> ContactWithInputs | None:
    """Write the input down unless that number is taken, and read the contact: one round trip, durable when it returns.

    A repeated or late webhook finds its number taken and changes nothing. None: no such contact, and nothing is written.
    """
    queues = tuple(queues)
    told = (
        ["", "", ""]
        if new_input is None
        else [
            str(new_input.number),
            repr(new_input.at),
            json.dumps(
                [new_input.flow_input.kind.value, new_input.flow_input.value, new_input.idempotency_token]
            ),
        ]
    )
    with translate_redis_errors():
        asked = [
            f"contact:{contact_id}",
            keys.contact_inputs(contact_id),
            *told,
            *map(keys.waiting_callers, queues),
        ]
        raw, kept, clock, counts, stands = store.store_input_script(args=asked)
    store.update_line_status(stands)
    if store.clock.manual:
        store.clock.set_manual_time(clock)
    raw, kept = _parse_flat_hash(raw), _parse_flat_hash(kept)
    if not raw:
        return None
    found = codec.load(Contact, raw)
    inputs = sorted((_parse_input(int(n), text) for n, text in kept.items()), key=lambda i: i.number)
    callers = dict(zip(queues, counts, strict=True))
    return ContactWithInputs(
        contact=found,
        waiting_callers=callers,
        pending_inputs=tuple(i for i in inputs if i.number > found.flow_progress.inputs_seen),
    )


def _parse_flat_hash(flat: list[str]) -> dict[str, str]:
    return dict(zip(flat[::2], flat[1::2], strict=True))


def _parse_input(n: int, text: str) -> ContactInput:
    at, _, rest = text.partition(" ")
    kind, value, token = json.loads(rest)
    return ContactInput(
        number=n,
        flow_input=FlowInput(kind=FlowInputKind(kind), value=value),
        at=float(at),
        idempotency_token=token,
    )


def delete_inputs(contact_id: str, change: Change) -> None:
    """Delete all that this caller did."""
    change.append_command("DEL", keys.contact_inputs(contact_id))


def delete_folded_inputs(contact_id: str, inputs: Iterable[ContactInput], change: Change) -> None:
    """Delete inputs that are in the contact's position by now."""
    change.append_command("HDEL", keys.contact_inputs(contact_id), *(str(one.number) for one in inputs))


# ---- contacts by what they are at; `Change.put` keeps these indexes


def count_open(state: str) -> Query[int]:
    """Contacts in this state that have not ended."""
    return ask(("ZCARD", keys.open_contacts(state)), int)


def list_open(state: str, limit: int) -> Query[list[str]]:
    """Ids of those, by when they asked for a person or came."""
    return ask(("ZRANGE", keys.open_contacts(state), 0, limit - 1), list)


def count_waiting(queue: str) -> Query[int]:
    """Contacts that wait for a person, also while one is being asked."""
    return ask(("ZCARD", keys.waiting_contacts(queue)), int)


def list_waiting(queue: str, limit: int) -> Query[list[str]]:
    """Ids of those, who has waited the longest first."""
    return ask(("ZRANGE", keys.waiting_contacts(queue), 0, limit - 1), list)


def get_longest_wait_start(queue: str) -> Query[float | None]:
    """Since when the first of those has waited, epoch seconds; None when nobody waits."""
    return ask(("ZRANGE", keys.waiting_contacts(queue), 0, 0, "WITHSCORES"), parse_first_score)


def list_commented(since: float, before: float, start: int, limit: int) -> Query[list[str]]:
    """Ids of contacts that were rated with words at that time (epoch seconds), the latest first."""
    span = (f"({before!r}", since, "BYSCORE", "REV", "LIMIT", start, limit)
    return ask(("ZRANGE", keys.RATING_COMMENTS, *span), list)
