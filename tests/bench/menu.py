"""Callers who stand in the menu, and what each of them then presses: new work, every time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from redis import Redis

from ivr.services import derive_id
from ivr.store import keys
from tests.bench import load
from tests.bench.twilio_calls import Caller, Sender

KEYS = ("1", "#", "*")  # the menu's first choice, back, once more: what a caller does who hesitates
CONNECTIONS = 16
GATHER = b"<Gather"  # what the answer to each of them holds


@dataclass(kw_only=True)
class Menu:
    """Of the app at `port`. `base`: its public address."""

    redis: Redis
    base: str
    port: int
    ids: list[str] = field(default_factory=list)

    def bring(self, people: Sequence[Caller]) -> list[list[bytes]]:
        """By /voice/answer; then what each is to send, in order. Raises WrongAnswerError."""
        sender = Sender(self.base, self.port)
        answers = [[sender.answer(caller)] for caller in people]
        load.send(load.web(self.port, GATHER), answers, connections=CONNECTIONS)
        ids = [derive_id(caller.call) for caller in people]
        self.ids += ids
        return [sender.steps(contact, caller, KEYS) for contact, caller in zip(ids, people, strict=True)]

    def missing(self) -> int:
        """Inputs of all who were brought that are not in the record; one too many counts as well."""
        pipe = self.redis.pipeline(transaction=False)
        for contact in self.ids:
            pipe.hlen(keys.contact_inputs(contact))
        return sum(abs(len(KEYS) - kept) for kept in pipe.execute())
