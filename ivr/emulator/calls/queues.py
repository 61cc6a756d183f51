"""Twilio's call queues."""

import asyncio
from dataclasses import dataclass, field

from ivr.emulator.calls.leg import Leg

MOST = 1000
LARGEST = 5000


@dataclass(kw_only=True, eq=False)
class Member:
    leg: Leg
    enqueued: float  # epoch seconds
    taken: asyncio.Event = field(default_factory=asyncio.Event)  # a Dial has taken them out
    bridged: asyncio.Event = field(default_factory=asyncio.Event)  # they have been brought together
    parted: asyncio.Event = field(default_factory=asyncio.Event)  # and has finished with them
    gone: asyncio.Event = field(default_factory=asyncio.Event)  # they hung up or were sent elsewhere
    left: float | None = None  # when they left the line


@dataclass(kw_only=True, eq=False)
class Queue:
    sid: str
    name: str
    created: float
    updated: float
    most: int = MOST
    members: list[Member] = field(default_factory=list)
    news: asyncio.Event = field(default_factory=asyncio.Event)

    def add(self, member: Member) -> None:
        self.members.append(member)
        self.news.set()
        self.news = asyncio.Event()

    def remove(self, member: Member) -> None:
        """Once only; from here on they wait no more."""
        if member in self.members:
            self.members.remove(member)
            member.left = member.leg.exchange.now
            member.leg.ears.hear("silence")
            member.leg.log("dequeued", queue=self.sid, name=self.name)

    def position(self, member: Member) -> int:
        return self.members.index(member) + 1

    def average(self, now: float) -> int:
        """Seconds that those who wait now have waited, on average."""
        waits = [now - member.enqueued for member in self.members]
        return round(sum(waits) / len(waits)) if waits else 0
