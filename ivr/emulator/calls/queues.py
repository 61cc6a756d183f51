"""Twilio's call queues."""

import asyncio
from dataclasses import dataclass, field

from ivr.emulator.calls.leg import CallLeg

DEFAULT_MAX_SIZE = 1000
MAX_SIZE_LIMIT = 5000


@dataclass(kw_only=True, eq=False)
class Member:
    leg: CallLeg
    enqueued_at: float  # epoch seconds
    dequeued_by_dial: asyncio.Event = field(default_factory=asyncio.Event)  # a Dial has taken them out
    bridged: asyncio.Event = field(default_factory=asyncio.Event)  # they have been brought together
    dial_finished: asyncio.Event = field(default_factory=asyncio.Event)  # and has finished with them
    enqueue_finished: asyncio.Event = field(
        default_factory=asyncio.Event
    )  # they hung up or were sent elsewhere
    dequeued_at: float | None = None  # when they left the line


@dataclass(kw_only=True, eq=False)
class CallQueue:
    sid: str
    name: str
    created_at: float
    updated_at: float
    max_size: int = DEFAULT_MAX_SIZE
    members: list[Member] = field(default_factory=list)
    member_added: asyncio.Event = field(default_factory=asyncio.Event)

    def add(self, member: Member) -> None:
        self.members.append(member)
        self.member_added.set()
        self.member_added = asyncio.Event()

    def remove(self, member: Member) -> None:
        """Once only; from here on they wait no more."""
        if member in self.members:
            self.members.remove(member)
            member.dequeued_at = member.leg.exchange.now
            member.leg.hearing.set_sound("silence")
            member.leg.log("dequeued", queue=self.sid, name=self.name)

    def position(self, member: Member) -> int:
        return self.members.index(member) + 1

    def average_wait_seconds(self, now: float) -> int:
        """Seconds that those who wait now have waited, on average."""
        waits = [now - member.enqueued_at for member in self.members]
        return round(sum(waits) / len(waits)) if waits else 0
