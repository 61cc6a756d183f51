"""Everything there is in the account."""

import asyncio
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

from ivr.emulator.account.resources import Application, Message, Number, Recording
from ivr.emulator.calls.conference import Conference, Player
from ivr.emulator.calls.leg import Leg
from ivr.emulator.calls.phones import Phone
from ivr.emulator.calls.queues import Queue
from ivr.emulator.runtime.exchange import Exchange
from ivr.emulator.runtime.faults import What, Where
from ivr.emulator.webhooks.sender import Answer, Hook

SOON = 1.0
BETWEEN = 60.0  # seconds between looks for what is over for long


@dataclass(kw_only=True)
class World:
    exchange: Exchange
    player: Player
    usual_cps: float = 0.0  # calls started per second, 0 for no limit
    cps: float = 0.0  # and for now
    recording_ready: float = SOON  # seconds after its end that a recording can be fetched
    calls: dict[str, Leg] = field(default_factory=dict)
    conferences: dict[str, Conference] = field(default_factory=dict)
    rooms: dict[str, Conference] = field(default_factory=dict)  # the latest of each name
    queues: dict[str, Queue] = field(default_factory=dict)
    messages: dict[str, Message] = field(default_factory=dict)
    recordings: dict[str, Recording] = field(default_factory=dict)
    numbers: dict[str, Number] = field(default_factory=dict)
    applications: dict[str, Application] = field(default_factory=dict)
    phones: dict[str, Phone] = field(default_factory=dict)
    hands: Counter[str] = field(default_factory=Counter)  # numbers whose phone somebody holds, in a page
    opted_out: set[str] = field(default_factory=set)
    url: str = ""  # the emulator's own address
    sounds: dict[str, float] = field(default_factory=dict)  # seconds of what was fetched, by address
    pictures: dict[str, tuple[str, bytes]] = field(default_factory=dict)  # type and bytes of what people send
    api_keys: dict[str, str] = field(default_factory=dict)  # secrets, by SID
    initial: dict[str, dict[str, str]] = field(default_factory=dict)  # numbers there are from the beginning
    next_start: float = 0.0  # when the rate allows the next call
    _tidied: float = 0.0

    def phone(self, number: str) -> Phone:
        phone = self.phones.get(number) or Phone(number=number)
        return phone.held() if self.hands[number] else phone

    @contextmanager
    def holding(self, numbers: Iterable[str]) -> Iterator[None]:
        """Somebody holds these phones: meanwhile they ring until that person answers, whatever their script."""
        held = Counter(set(numbers))
        self.hands += held
        try:
            yield
        finally:
            self.hands -= held

    def number(self, phone_number: str) -> Number | None:
        return next((one for one in self.numbers.values() if one.phone_number == phone_number), None)

    def application(self, sid: str) -> Application | None:
        return self.applications.get(sid)

    def conference(self, name: str) -> Conference:
        """The one of that name that has not ended, made if need be."""
        open_room = self.rooms.get(name)
        if open_room and open_room.status != "completed":
            return open_room
        now = self.exchange.now
        sid = self.exchange.sids.new("CF")
        fault = self.exchange.faults.strike(Where.REST, f"Conferences/{name}", What.HIDDEN)
        made = Conference(
            exchange=self.exchange,
            sid=sid,
            name=name,
            play=self.player,
            created=now,
            updated=now,
            visible=now + (fault.seconds if fault else 0.0),
        )
        self.conferences[sid] = self.rooms[name] = made
        return made

    def queue(self, name: str) -> Queue | None:
        return next((one for one in self.queues.values() if name in {one.name, one.sid}), None)

    def make_queue(self, name: str, most: int) -> Queue:
        now = self.exchange.now
        made = Queue(sid=self.exchange.sids.new("QU"), name=name, created=now, updated=now, most=most)
        self.queues[made.sid] = made
        return made

    def tidy(self) -> None:
        """Let go of what has been over for too long, so that memory does not grow with the days."""
        now = self.exchange.now
        if now < self._tidied + BETWEEN:
            return
        self._tidied, before = now, now - self.exchange.journal.keep
        ended = [sid for sid, leg in self.calls.items() if leg.ended is not None and leg.ended < before]
        over = [
            sid for sid, one in self.conferences.items() if one.status == "completed" and one.updated < before
        ]
        for sid in ended:
            del self.calls[sid]
        for sid in over:
            del self.conferences[sid]
        self.rooms = {name: room for name, room in self.rooms.items() if room.sid in self.conferences}
        self.exchange.journal.let_go(before)
        for things in (self.messages, self.recordings):
            for sid in [sid for sid, one in things.items() if one.updated < before]:
                del things[sid]

    async def sent(self, hook: Hook) -> Answer:
        """Send; whoever stops waiting for the answer does not stop the request."""
        task = self.exchange.spawn(self.exchange.hooks.send(hook))
        answer: Answer = await asyncio.shield(task)
        return answer

    def furnish(self) -> None:
        for phone_number, settings in self.initial.items():
            self.add_number(phone_number, settings)

    def add_number(self, phone_number: str, settings: dict[str, str]) -> Number:
        now, sid = self.exchange.now, self.exchange.sids.new("PN")
        made = Number(sid=sid, phone_number=phone_number, created=now, updated=now, settings=dict(settings))
        self.numbers[sid] = made
        return made

    async def reset(self) -> None:
        """Begin again. What is on the wire may end by itself, so that the app sees no broken connections."""
        with suppress(TimeoutError):
            async with asyncio.timeout(1):
                await self.exchange.busy.settled()
        await self.exchange.stop()
        for everything in (
            self.calls,
            self.conferences,
            self.rooms,
            self.queues,
            self.messages,
            self.recordings,
            self.numbers,
            self.applications,
            self.phones,
            self.pictures,
        ):
            everything.clear()
        self.opted_out.clear()
        self.cps, self.next_start, self._tidied = self.usual_cps, 0.0, 0.0
        self.recording_ready = SOON
        self.exchange.faults.active.clear()
        self.exchange.journal.clear()
        self.sounds.clear()
        self.furnish()
