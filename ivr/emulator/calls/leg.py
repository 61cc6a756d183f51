"""One party's connection: its state, what it hears, and how its TwiML is interrupted."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.cookies import SimpleCookie
from typing import Any, Protocol, TypeVar

from ivr.emulator.calls.phones import Phone
from ivr.emulator.calls.signals import (  # fmt: skip
    CallInput,
    HungUp,
    InputQueue,
    Redirected,
    SpeechListener,
    StartedNoun,
    StatusCallback,
    TrackSpeech,
    TwimlSource,
)
from ivr.emulator.runtime.exchange import API_VERSION, Exchange
from ivr.emulator.speech.hearing import LegHearing, Utterance
from ivr.emulator.webhooks.request import WebhookRequest

T = TypeVar("T")
ENDED_STATUSES = frozenset({"completed", "busy", "failed", "no-answer", "canceled"})


class AudioConnection(Protocol):
    """Where a leg can be with others."""

    def list_hearers(self, leg: "CallLeg") -> Sequence["CallLeg"]: ...

    def on_speech(self, leg: "CallLeg", words: str, *, began: bool) -> None: ...


def no_extra_params() -> dict[str, str]:
    return {}


@dataclass(kw_only=True, eq=False)
class CallLeg:
    exchange: Exchange
    sid: str
    from_: str
    to: str
    direction: str  # inbound, outbound-api, outbound-dial
    created_at: float
    phone: Phone  # the person's
    parent_call_sid: str | None = None  # CallSid
    number_sid: str | None = None
    fallback: TwimlSource | None = None
    status_callback: StatusCallback | None = None
    extra_params: dict[str, str] = field(default_factory=dict)  # such as StirVerstat
    status: str = "queued"
    started_at: float | None = None
    answered_at: float | None = None
    ended_at: float | None = None
    updated_at: float = 0.0
    queue_milliseconds: float = 0.0
    answered_by: str | None = None
    connection: AudioConnection | None = None
    peer: "CallLeg | None" = None  # the person there is another of our calls
    cookies: SimpleCookie = field(default_factory=SimpleCookie)
    hearing: LegHearing = field(init=False)
    picked_up: asyncio.Event = field(default_factory=asyncio.Event)  # the person takes the call
    declined: asyncio.Event = field(default_factory=asyncio.Event)  # the person declines it
    on_answer: list[Callable[[], object]] = field(default_factory=list)
    finished: asyncio.Event = field(default_factory=asyncio.Event)
    word_recorders: list[Callable[[str], None]] = field(default_factory=list)
    listeners: list[SpeechListener] = field(default_factory=list)
    started_nouns: dict[tuple[str, str], StartedNoun] = field(default_factory=dict)  # by noun and name
    final_params: Callable[[], dict[str, str]] = no_extra_params  # what its last event tells besides
    utterance: Utterance | None = None  # what the person is saying
    muted: bool = False  # by the person: nobody hears what they say
    inboxes: list[InputQueue] = field(default_factory=list)  # that collect what they press and say
    _interrupt: asyncio.Future[TwimlSource] = field(init=False)
    _sequence: int = 0

    def __post_init__(self) -> None:
        stir = self.exchange.event_log.notify_watchers
        self.hearing = LegHearing(clock=self.exchange.clock, since=self.created_at, on_change=stir)
        self.updated_at = self.created_at
        self._interrupt = asyncio.get_running_loop().create_future()

    @property
    def who(self) -> str:
        return self.phone.who

    @property
    def is_alive(self) -> bool:
        return self.status not in ENDED_STATUSES

    @property
    def duration(self) -> int:
        """Whole seconds between answer and end."""
        if self.answered_at is None:
            return 0
        return round((self.ended_at or self.exchange.now) - self.answered_at)

    def log(self, kind: str, **facts: Any) -> None:
        self.exchange.event_log.write(kind, call=self.sid, who=self.who, **facts)

    # What the line does with the leg

    async def run_interruptibly(self, work: Awaitable[T]) -> T:
        """The result of `work`, unless the leg is redirected (`Redirected`) or ends (`HungUp`) first."""
        if not self.is_alive:
            if asyncio.iscoroutine(work):
                work.close()
            raise HungUp
        task: asyncio.Future[T] = asyncio.ensure_future(work)
        interrupt = self._interrupt
        try:
            waiting: set[asyncio.Future[Any]] = {task, interrupt}
            await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
        finally:
            if not task.done():
                task.cancel()
        if not interrupt.done():
            return task.result()
        if not self.is_alive:
            raise HungUp
        if self._interrupt is interrupt:
            self._interrupt = asyncio.get_running_loop().create_future()
        raise Redirected(interrupt.result())

    def redirect(self, source: TwimlSource) -> None:
        """Leave whatever it does for another document. The last redirect wins."""
        if self._interrupt.done():
            self._interrupt = asyncio.get_running_loop().create_future()
        self._interrupt.set_result(source)

    def start_ringing(self) -> None:
        self.status = "ringing"
        self.touch()
        self.log("ringing")
        self.send_progress_event("ringing")

    def answer(self) -> None:
        self.status = "in-progress"
        self.answered_at = self.exchange.now
        self.touch()
        self.log("answered")
        self.send_progress_event("answered")
        for begin in self.on_answer:
            begin()

    def end(self, ended_by: str, status: str = "completed", sip_code: int = 200) -> None:
        """Once only. `ended_by` is who ended it: a name or number, `line`, `api`, `network`."""
        if not self.is_alive:
            return
        if status == "completed" and self.answered_at is None:
            status = "canceled"
        was_queued = self.status == "queued" and self.started_at is None
        self.status = status
        self.ended_at = self.exchange.now
        self.touch()
        if self.answered_at is not None:
            self.log("hung_up", by=ended_by)
        self.log("ended", status=status, duration=self.duration)
        self.hearing.set_sound("silence")
        self.finished.set()
        if not self._interrupt.done():
            self._interrupt.set_result(TwimlSource())
        if not (was_queued and status == "canceled"):
            more = {
                "CallDuration": str(self.duration),
                "SipResponseCode": str(sip_code),
                **self.final_params(),
            }
            self.send_progress_event("completed", more)
        for thing in list(self.started_nouns.values()):
            thing.stop()

    def touch(self) -> None:
        self.updated_at = self.exchange.now

    def send_progress_event(self, event: str, extra_params: dict[str, str] | None = None) -> None:
        """A call progress event, if anybody asked for it."""
        sequence, self._sequence = self._sequence, self._sequence + 1
        if self.status_callback is None or event not in self.status_callback.events:
            return
        status = "initiated" if event == "initiated" else self.status
        params = {
            **self.request_params(),
            **(extra_params or {}),
            "CallStatus": status,
            "Timestamp": self.exchange.timestamp(),
            "CallbackSource": "call-progress-events",
            "SequenceNumber": str(sequence),
        }
        if event == "completed" and self.answered_by:
            params["AnsweredBy"] = self.answered_by
        hook = self.make_webhook(self.status_callback.url, self.status_callback.method, params)
        hook.error_code = 15003
        self.exchange.send_callback(self.sid, hook)

    def make_webhook(self, url: str, method: str, params: Mapping[str, str]) -> WebhookRequest:
        """A request about this call."""
        return WebhookRequest(
            url=url,
            method=method.upper(),
            params=params,
            call_sid=self.sid,
            who=self.who,
            cookies=self.cookies,
            hang_up=self.hang_up,
        )

    def send_callback(self, url: str, method: str, params: Mapping[str, str]) -> None:
        self.exchange.send_callback(self.sid, self.make_webhook(url, method, params))

    def request_params(self) -> dict[str, str]:
        """What every request about this call carries."""
        params = {
            "CallSid": self.sid,
            "AccountSid": self.exchange.account_sid,
            "From": self.from_,
            "To": self.to,
            "Caller": self.from_,
            "Called": self.to,
            "CallStatus": self.status,
            "Direction": self.direction,
            "ApiVersion": API_VERSION,
        }
        for side in ("From", "To", "Caller", "Called"):
            params |= {f"{side}City": "", f"{side}State": "", f"{side}Zip": "", f"{side}Country": "US"}
        if self.parent_call_sid:
            params["ParentCallSid"] = self.parent_call_sid
        return params | self.extra_params

    # What the person does (`person_input`) reaches the line and whoever is on it

    def list_hearers(self) -> Sequence["CallLeg"]:
        return self.connection.list_hearers(self) if self.connection else []

    @contextmanager
    def notify_speech_listeners(self, speech: TrackSpeech) -> Iterator[TrackSpeech]:
        """While these words are said, whoever follows the leg knows of them."""
        for one in list(self.listeners):
            one.on_speech_began(speech)
        try:
            yield speech
        finally:
            for one in list(self.listeners):
                one.on_speech_ended(speech)

    def hang_up(self) -> None:
        if self.status in {"queued", "ringing"} and self.direction != "inbound":
            self.declined.set()
        else:
            self.end(self.who, "completed" if self.answered_at is not None else "no-answer")

    @contextmanager
    def open_inbox(self) -> Iterator[InputQueue]:
        """What the person presses and says meanwhile."""
        inbox: InputQueue = asyncio.Queue()
        self.inboxes.append(inbox)
        try:
            yield inbox
        finally:
            self.inboxes.remove(inbox)

    def deliver(self, received: CallInput) -> None:
        for inbox in self.inboxes:
            inbox.put_nowait(received)

    @property
    def silent_since(self) -> float | None:
        """When the person on this leg began to hear nothing, in epoch seconds; None while they hear something."""
        return self.hearing.since if self.hearing.sound == "silence" and self.is_alive else None
