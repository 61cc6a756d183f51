"""Everything there is in the account."""

import asyncio
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

from ivr.emulator.account.resources import Application, IncomingPhoneNumber, Message, Recording
from ivr.emulator.calls.conference import Conference, TwimlPlayer
from ivr.emulator.calls.leg import CallLeg
from ivr.emulator.calls.phones import Phone
from ivr.emulator.calls.queues import CallQueue
from ivr.emulator.runtime.exchange import Exchange
from ivr.emulator.runtime.faults import FaultKind, RequestKind
from ivr.emulator.webhooks.request import WebhookRequest, WebhookResponse

RECORDING_DELAY_SECONDS = 1.0
CLEANUP_INTERVAL_SECONDS = 60.0  # seconds between looks for what is over for long


@dataclass(kw_only=True)
class World:
    exchange: Exchange
    play_twiml: TwimlPlayer
    default_cps: float = 0.0  # calls started per second, 0 for no limit
    cps: float = 0.0  # and for now
    recording_delay_seconds: float = (
        RECORDING_DELAY_SECONDS  # seconds after its end that a recording can be fetched
    )
    calls: dict[str, CallLeg] = field(default_factory=dict)
    conferences: dict[str, Conference] = field(default_factory=dict)
    conferences_by_name: dict[str, Conference] = field(default_factory=dict)  # the latest of each name
    queues: dict[str, CallQueue] = field(default_factory=dict)
    messages: dict[str, Message] = field(default_factory=dict)
    recordings: dict[str, Recording] = field(default_factory=dict)
    numbers: dict[str, IncomingPhoneNumber] = field(default_factory=dict)
    applications: dict[str, Application] = field(default_factory=dict)
    phones: dict[str, Phone] = field(default_factory=dict)
    attended_phones: Counter[str] = field(
        default_factory=Counter
    )  # numbers whose phone somebody holds, in a page
    opted_out: set[str] = field(default_factory=set)
    url: str = ""  # the emulator's own address
    sound_seconds: dict[str, float] = field(default_factory=dict)  # seconds of what was fetched, by address
    pictures: dict[str, tuple[str, bytes]] = field(default_factory=dict)  # type and bytes of what people send
    api_keys: dict[str, str] = field(default_factory=dict)  # secrets, by SID
    initial_numbers: dict[str, dict[str, str]] = field(
        default_factory=dict
    )  # numbers there are from the beginning
    next_call_at: float = 0.0  # when the rate allows the next call
    _cleaned_up_at: float = 0.0

    def find_phone(self, number: str) -> Phone:
        phone = self.phones.get(number) or Phone(number=number)
        return phone.as_attended() if self.attended_phones[number] else phone

    @contextmanager
    def attend_phones(self, numbers: Iterable[str]) -> Iterator[None]:
        """Somebody holds these phones: meanwhile they ring until that person answers, whatever their script."""
        held = Counter(set(numbers))
        self.attended_phones += held
        try:
            yield
        finally:
            self.attended_phones -= held

    def find_number(self, phone_number: str) -> IncomingPhoneNumber | None:
        return next((one for one in self.numbers.values() if one.phone_number == phone_number), None)

    def find_application(self, sid: str) -> Application | None:
        return self.applications.get(sid)

    def open_conference(self, name: str) -> Conference:
        """The one of that name that has not ended, made if need be."""
        open_room = self.conferences_by_name.get(name)
        if open_room and open_room.status != "completed":
            return open_room
        now = self.exchange.now
        sid = self.exchange.sids.new("CF")
        fault = self.exchange.faults.trigger(RequestKind.REST, f"Conferences/{name}", FaultKind.HIDDEN)
        made = Conference(
            exchange=self.exchange,
            sid=sid,
            name=name,
            play_twiml=self.play_twiml,
            created_at=now,
            updated_at=now,
            visible_at=now + (fault.seconds if fault else 0.0),
        )
        self.conferences[sid] = self.conferences_by_name[name] = made
        return made

    def find_queue(self, name: str) -> CallQueue | None:
        return next((one for one in self.queues.values() if name in {one.name, one.sid}), None)

    def create_queue(self, name: str, max_size: int) -> CallQueue:
        now = self.exchange.now
        made = CallQueue(
            sid=self.exchange.sids.new("QU"), name=name, created_at=now, updated_at=now, max_size=max_size
        )
        self.queues[made.sid] = made
        return made

    def remove_expired(self) -> None:
        """Let go of what has been over for too long, so that memory does not grow with the days."""
        now = self.exchange.now
        if now < self._cleaned_up_at + CLEANUP_INTERVAL_SECONDS:
            return
        self._cleaned_up_at, before = now, now - self.exchange.event_log.retention_seconds
        ended = [sid for sid, leg in self.calls.items() if leg.ended_at is not None and leg.ended_at < before]
        over = [
            sid
            for sid, one in self.conferences.items()
            if one.status == "completed" and one.updated_at < before
        ]
        for sid in ended:
            del self.calls[sid]
        for sid in over:
            del self.conferences[sid]
        self.conferences_by_name = {
            name: room for name, room in self.conferences_by_name.items() if room.sid in self.conferences
        }
        self.exchange.event_log.drop_before(before)
        for things in (self.messages, self.recordings):
            for sid in [sid for sid, one in things.items() if one.updated_at < before]:
                del things[sid]

    async def send_webhook(self, request: WebhookRequest) -> WebhookResponse:
        """Send; whoever stops waiting for the answer does not stop the request."""
        task = self.exchange.spawn(self.exchange.webhooks.send(request))
        answer: WebhookResponse = await asyncio.shield(task)
        return answer

    def add_initial_numbers(self) -> None:
        for phone_number, settings in self.initial_numbers.items():
            self.add_number(phone_number, settings)

    def add_number(self, phone_number: str, settings: dict[str, str]) -> IncomingPhoneNumber:
        now, sid = self.exchange.now, self.exchange.sids.new("PN")
        made = IncomingPhoneNumber(
            sid=sid, phone_number=phone_number, created_at=now, updated_at=now, settings=dict(settings)
        )
        self.numbers[sid] = made
        return made

    async def reset(self) -> None:
        """Begin again. What is on the wire may end by itself, so that the app sees no broken connections."""
        with suppress(TimeoutError):
            async with asyncio.timeout(1):
                await self.exchange.in_flight.wait_until_idle()
        await self.exchange.cancel_tasks()
        for everything in (
            self.calls,
            self.conferences,
            self.conferences_by_name,
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
        self.cps, self.next_call_at, self._cleaned_up_at = self.default_cps, 0.0, 0.0
        self.recording_delay_seconds = RECORDING_DELAY_SECONDS
        self.exchange.faults.active.clear()
        self.exchange.event_log.clear()
        self.sound_seconds.clear()
        self.add_initial_numbers()
