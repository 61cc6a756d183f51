"""Reading contacts: by call, and together with what the caller just did."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from ivr.domain.records.contact import Contact
from ivr.flow.turn import Heard, HeardKind
from ivr.store import codec, keys
from ivr.store.store import Store, reaching


@dataclass(frozen=True, kw_only=True)
class Input:
    """Something the caller did: the `n`th of their contact."""

    n: int
    heard: Heard
    at: float
    token: str = ""  # I-Twilio-Idempotency-Token: the same on Twilio's own retry


@dataclass(frozen=True, kw_only=True)
class HeardContact:
    contact: Contact
    callers: Mapping[str, int]  # who stands in each queue that was asked about
    inputs: tuple[Input, ...]  # not yet folded into the position, in order


def hear(store: Store, contact: str, new: Input | None, queues: Iterable[str] = ()) -> HeardContact | None:
    """Write the input down unless that number is taken, and read the contact: one round trip, durable when it returns.

    A repeated or late webhook finds its number taken and changes nothing. None: no such contact, and nothing is written.
    """
    queues = tuple(queues)
    told = (
        ["", "", ""]
        if new is None
        else [str(new.n), repr(new.at), json.dumps([new.heard.kind.value, new.heard.value, new.token])]
    )
    with reaching():
        asked = [f"contact:{contact}", keys.inputs(contact), *told, *map(keys.callers, queues)]
        raw, kept, clock, counts, stands = store.hear_script(args=asked)
    store.stands(stands)
    if store.clock.manual:
        store.clock.seen(clock)
    raw, kept = _pairs(raw), _pairs(kept)
    if not raw:
        return None
    found = codec.load(Contact, raw)
    inputs = sorted((_input(int(n), text) for n, text in kept.items()), key=lambda i: i.n)
    callers = dict(zip(queues, counts, strict=True))
    return HeardContact(contact=found, callers=callers, inputs=tuple(i for i in inputs if i.n > found.seen))


def _pairs(flat: list[str]) -> dict[str, str]:
    return dict(zip(flat[::2], flat[1::2], strict=True))


def _input(n: int, text: str) -> Input:
    at, _, rest = text.partition(" ")
    kind, value, token = json.loads(rest)
    return Input(n=n, heard=Heard(kind=HeardKind(kind), value=value), at=float(at), token=token)


def member_of_leg(store: Store, sid: str) -> str:
    """The member whose leg this is, or ""."""
    (member,) = store.read([("GET", keys.leg(sid))])
    return member or ""
