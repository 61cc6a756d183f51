"""One party's connection: its state, what it hears, what it presses and says, and how its TwiML is interrupted."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from http.cookies import SimpleCookie
from typing import Any, Protocol, TypeVar

from ivr.emulator.calls.phones import Phone
from ivr.emulator.calls.signals import (  # fmt: skip
    Ask,
    Events,
    HungUp,
    Inbox,
    Input,
    Key,
    Listener,
    Redirected,
    Running,
    Said,
    SpeechBegan,
    SpeechEnded,
)
from ivr.emulator.runtime.exchange import API_VERSION, Exchange
from ivr.emulator.runtime.formats import rfc2822
from ivr.emulator.speech.hearing import Ears, Utterance
from ivr.emulator.speech.speaking_time import plain, seconds
from ivr.emulator.webhooks.sender import Hook

T = TypeVar("T")
ENDED = frozenset({"completed", "busy", "failed", "no-answer", "canceled"})


class Room(Protocol):
    """Where a leg can be with others."""

    def hearers(self, leg: "Leg") -> Sequence["Leg"]: ...

    def speaks(self, leg: "Leg", words: str, *, began: bool) -> None: ...


def nothing_more() -> dict[str, str]:
    return {}


@dataclass(kw_only=True, eq=False)
class Leg:
    exchange: Exchange
    sid: str
    from_: str
    to: str
    direction: str  # inbound, outbound-api, outbound-dial
    created: float
    phone: Phone  # the person's
    parent: str | None = None  # CallSid
    number_sid: str | None = None
    fallback: Ask | None = None
    events: Events | None = None
    extra: dict[str, str] = field(default_factory=dict)  # such as StirVerstat
    status: str = "queued"
    started: float | None = None
    answered: float | None = None
    ended: float | None = None
    updated: float = 0.0
    queue_time: float = 0.0
    answered_by: str | None = None
    room: Room | None = None
    far: "Leg | None" = None  # the person there is another of our calls
    cookies: SimpleCookie = field(default_factory=SimpleCookie)
    ears: Ears = field(init=False)
    picked_up: asyncio.Event = field(default_factory=asyncio.Event)  # the person takes the call
    refused: asyncio.Event = field(default_factory=asyncio.Event)  # the person declines it
    on_answer: list[Callable[[], object]] = field(default_factory=list)
    over: asyncio.Event = field(default_factory=asyncio.Event)
    tapes: list[Callable[[str], None]] = field(default_factory=list)
    listeners: list[Listener] = field(default_factory=list)
    running: dict[tuple[str, str], Running] = field(default_factory=dict)  # by noun and name
    closing: Callable[[], dict[str, str]] = nothing_more  # what its last event tells besides
    speaking: Utterance | None = None  # what the person is saying
    muted: bool = False  # by the person: nobody hears what they say
    _interrupt: asyncio.Future[Ask] = field(init=False)
    _inboxes: list[Inbox] = field(default_factory=list)
    _sequence: int = 0

    def __post_init__(self) -> None:
        stir = self.exchange.journal.stir
        self.ears = Ears(clock=self.exchange.clock, since=self.created, changed=stir)
        self.updated = self.created
        self._interrupt = asyncio.get_running_loop().create_future()

    @property
    def who(self) -> str:
        return self.phone.who

    @property
    def alive(self) -> bool:
        return self.status not in ENDED

    @property
    def duration(self) -> int:
        """Whole seconds between answer and end."""
        if self.answered is None:
            return 0
        return round((self.ended or self.exchange.now) - self.answered)

    def log(self, kind: str, **facts: Any) -> None:
        self.exchange.journal.write(kind, call=self.sid, who=self.who, **facts)

    # What the line does with the leg

    async def wait(self, work: Awaitable[T]) -> T:
        """The result of `work`, unless the leg is redirected (`Redirected`) or ends (`HungUp`) first."""
        if not self.alive:
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
        if not self.alive:
            raise HungUp
        if self._interrupt is interrupt:
            self._interrupt = asyncio.get_running_loop().create_future()
        raise Redirected(interrupt.result())

    def redirect(self, ask: Ask) -> None:
        """Leave whatever it does for another document. The last redirect wins."""
        if self._interrupt.done():
            self._interrupt = asyncio.get_running_loop().create_future()
        self._interrupt.set_result(ask)

    def ring(self) -> None:
        self.status = "ringing"
        self.touch()
        self.log("ringing")
        self.notify("ringing")

    def answer(self) -> None:
        self.status = "in-progress"
        self.answered = self.exchange.now
        self.touch()
        self.log("answered")
        self.notify("answered")
        for begin in self.on_answer:
            begin()

    def end(self, by: str, status: str = "completed", sip: int = 200) -> None:
        """Once only. `by` is who ended it: a name or number, `line`, `api`, `network`."""
        if not self.alive:
            return
        if status == "completed" and self.answered is None:
            status = "canceled"
        was_queued = self.status == "queued" and self.started is None
        self.status = status
        self.ended = self.exchange.now
        self.touch()
        if self.answered is not None:
            self.log("hung_up", by=by)
        self.log("ended", status=status, duration=self.duration)
        self.ears.hear("silence")
        self.over.set()
        if not self._interrupt.done():
            self._interrupt.set_result(Ask())
        if not (was_queued and status == "canceled"):
            more = {"CallDuration": str(self.duration), "SipResponseCode": str(sip), **self.closing()}
            self.notify("completed", more)
        for thing in list(self.running.values()):
            thing.stop()

    def touch(self) -> None:
        self.updated = self.exchange.now

    def notify(self, event: str, more: dict[str, str] | None = None) -> None:
        """A call progress event, if anybody asked for it."""
        sequence, self._sequence = self._sequence, self._sequence + 1
        if self.events is None or event not in self.events.names:
            return
        status = "initiated" if event == "initiated" else self.status
        params = {
            **self.params(),
            **(more or {}),
            "CallStatus": status,
            "Timestamp": self.exchange.timestamp(),
            "CallbackSource": "call-progress-events",
            "SequenceNumber": str(sequence),
        }
        if event == "completed" and self.answered_by:
            params["AnsweredBy"] = self.answered_by
        hook = self.hook(self.events.url, self.events.method, params)
        hook.refused = 15003
        self.exchange.callback(self.sid, hook)

    def hook(self, url: str, method: str, params: Mapping[str, str]) -> Hook:
        """A request about this call."""
        return Hook(
            url=url,
            method=method.upper(),
            params=params,
            call=self.sid,
            who=self.who,
            cookies=self.cookies,
            hang_up=self.hang_up,
        )

    def callback(self, url: str, method: str, params: Mapping[str, str]) -> None:
        self.exchange.callback(self.sid, self.hook(url, method, params))

    def params(self) -> dict[str, str]:
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
        if self.parent:
            params["ParentCallSid"] = self.parent
        return params | self.extra

    # What the person does

    async def press(self, keys: str) -> None:
        """One key after another, 0.2 s apart."""
        for index, key in enumerate(keys):
            if index:
                await self.exchange.clock.sleep(0.2)
            self.log("pressed", keys=key, collected=bool(self._inboxes))
            self._deliver(Key(key=key))

    async def say(self, words: str, *, confidence: float | None = None, language: str = "") -> None:
        """`confidence` (0 to 1) and `language` are what speech recognition will make of it."""
        if self.muted:
            await self.exchange.clock.sleep(seconds(words))
            self.log("spoke_muted", words=words)
            return
        self._deliver(SpeechBegan(words=words, confidence=confidence, language=language))
        if self.room:
            self.room.speaks(self, words, began=True)
        said = Said(track="inbound", words=words, confidence=confidence, language=language)
        heard = {leg: replace(said, track="outbound") for leg in self._hearers()}
        with self._uttering(words), ExitStack() as tracks:
            for leg, what in {self: said, **heard}.items():
                tracks.enter_context(leg.followed(what))
            await self.exchange.clock.sleep(seconds(words))
        if not self.alive:
            return
        self.log("spoke", words=words, collected=bool(self._inboxes))
        for tape in self.tapes:
            tape(words)
        self._deliver(SpeechEnded(words=words))
        if self.room:
            self.room.speaks(self, words, began=False)
        for other in self._hearers():
            other.ears.take(words)
            other.log("heard", words=words, speaker=self.who)
            if other not in heard:  # they were brought together meanwhile
                with other.followed(replace(said, track="outbound")):
                    pass

    @contextmanager
    def followed(self, said: Said) -> Iterator[Said]:
        """While these words are said, whoever follows the leg knows of them."""
        for one in list(self.listeners):
            one.began(said)
        try:
            yield said
        finally:
            for one in list(self.listeners):
                one.ended(said)

    def _hearers(self) -> Sequence["Leg"]:
        return self.room.hearers(self) if self.room else []

    def hang_up(self) -> None:
        if self.status in {"queued", "ringing"} and self.direction != "inbound":
            self.refused.set()
        else:
            self.end(self.who, "completed" if self.answered is not None else "no-answer")

    @contextmanager
    def inbox(self) -> Iterator[Inbox]:
        """What the person presses and says meanwhile."""
        inbox: Inbox = asyncio.Queue()
        self._inboxes.append(inbox)
        try:
            yield inbox
        finally:
            self._inboxes.remove(inbox)

    @contextmanager
    def _uttering(self, words: str) -> Iterator[None]:
        begun = self.speaking = Utterance(speech=plain(words), began=self.exchange.now)
        self.exchange.journal.stir()
        try:
            yield
        finally:
            if self.speaking is begun:
                self.speaking = None
                self.exchange.journal.stir()

    def _deliver(self, something: Input) -> None:
        for inbox in self._inboxes:
            inbox.put_nowait(something)

    @property
    def silent_since(self) -> float | None:
        """When the person on this leg began to hear nothing, in epoch seconds; None while they hear something."""
        return self.ears.since if self.ears.sound == "silence" and self.alive else None

    def summary(self) -> dict[str, Any]:
        return {
            "sid": self.sid,
            "who": self.who,
            "from": self.from_,
            "to": self.to,
            "direction": self.direction,
            "parent": self.parent,
            "status": self.status,
            "created": self.created,
            "answered": self.answered,
            "ended": self.ended,
            "started": rfc2822(self.started),
            "duration": self.duration,
            "hears": {"sound": self.ears.sound, "detail": self.ears.detail, "since": self.ears.since},
            "silent_since": self.silent_since,
            "saying": self.ears.saying.as_json() if self.ears.saying else None,  # the line, to this leg
            "speaking": self._speaking(),
        }

    def _speaking(self) -> dict[str, Any] | None:
        """What the person is saying, and the legs that hear it."""
        if self.speaking is None or not self.alive:
            return None
        return {**self.speaking.as_json(), "to": [one.sid for one in self._hearers()]}
