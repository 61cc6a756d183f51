"""Callers by the dozen: each does over HTTP what Twilio would, as fast as it is answered, and notes what they were told.

The emulator plays people at the speed of speech; these are for as many promises as a line can make while it is broken.
"""

from __future__ import annotations

import itertools
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from ivr.settings import Settings
from tests.web.webhooks.twilio import Answer, Twilio, call

TOLD = "We will call you at this number"
FAULT = "our system has a fault"
STEPS = 40
BETWEEN = 0.3  # seconds: the machine has other things to do than to be rung
PAUSE = 1.0  # seconds for which a round of music or a pause is heard; Twilio would play it to its end
_tick = threading.Event()


@dataclass(frozen=True, kw_only=True)
class Webhook:
    """One that was answered. `at`: monotonic seconds when it was asked; `well`: not by the apology, nor by music alone."""

    at: float
    seconds: float
    well: bool


@dataclass(kw_only=True)
class Caller:
    """`told`: they heard that they will be called. `fallen`: they heard the fallback, which dials people."""

    number: str
    sid: str
    told: bool = False
    fallen: bool = False


@dataclass(kw_only=True)
class Crowd:
    """`size` callers at a time, one after the other, until `stop`. `first`: the number of the first, after +1."""

    settings: Settings
    size: int
    first: int
    webhooks: list[Webhook] = field(default_factory=list)
    callers: list[Caller] = field(default_factory=list)
    _over: threading.Event = field(default_factory=threading.Event)
    _threads: list[threading.Thread] = field(default_factory=list)
    _numbers: Iterator[int] = field(init=False)

    def start(self) -> None:
        self._numbers = itertools.count(self.first)
        self._threads = [threading.Thread(target=self._run, daemon=True) for _ in range(self.size)]
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        self._over.set()
        for thread in self._threads:
            thread.join()

    def _run(self) -> None:
        while not self._over.is_set():
            n = next(self._numbers)
            caller = Caller(number=f"+1{n}", sid=f"CA{n:032x}")
            self.callers.append(caller)
            self._ring_in(caller)

    def _ring_in(self, caller: Caller) -> None:
        """0 for a person, then 1 for every question: whoever does so and finds nobody free is promised a call."""
        path, keys, waits = "/voice/answer", "", False
        left = ""  # where the caller goes on when they leave Twilio's waiting room
        for _ in range(STEPS):
            answer = self._post(path, caller, keys)
            keys = ""
            caller.told = caller.told or TOLD in answer.words
            caller.fallen = caller.fallen or FAULT in answer.words
            if caller.told or caller.fallen:
                break
            for verb in answer.twiml:
                match verb.tag:
                    case "Gather":
                        path, keys = _path(verb.get("action")), "1" if waits else "0"
                    case "Enqueue":
                        left, path, waits = _path(verb.get("action")), _path(verb.get("waitUrl")), True
                    case "Leave":
                        path = left
                    case "Redirect":
                        path = _path(verb.text)
                    case "Play" | "Pause":
                        _tick.wait(PAUSE)
                    case _:
                        continue
        while self._post("/voice/status", caller, "", status="completed").status >= 500:
            _tick.wait(PAUSE)  # Twilio is asked for what it told in vain; these calls are none that it knows
        _tick.wait(BETWEEN)

    def _post(self, path: str, caller: Caller, keys: str, *, status: str = "in-progress") -> Answer:
        began = time.monotonic()
        told = call(caller.sid, caller.number, CallStatus=status)
        answer = Twilio(settings=self.settings).post(path, told | ({"Digits": keys} if keys else {}))
        if status == "in-progress":
            sent_on = "lost=" in answer.body or ("lost=" in path and answer.verbs == ["Leave"])
            well = FAULT not in answer.words and not sent_on
            self.webhooks.append(Webhook(at=began, seconds=answer.seconds, well=well))
        return answer


def _path(url: str | None) -> str:
    parts = urlsplit(url or "")
    return parts.path + (f"?{parts.query}" if parts.query else "")
