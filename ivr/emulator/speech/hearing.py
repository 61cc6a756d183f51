"""What a leg hears: words at the speed of speech, music, silence, other people."""

import asyncio
import re
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

from ivr.emulator.runtime.clock import Clock
from ivr.emulator.speech.speaking_time import Speech


@dataclass(frozen=True, kw_only=True)
class Utterance:
    speech: Speech
    began: float  # epoch seconds
    used: int = 0  # words that a listener has already reacted to
    serial: int = 0

    @property
    def words(self) -> tuple[str, ...]:
        return self.speech.words

    def spoken(self, now: float) -> int:
        """How many words have been said by then."""
        return self.speech.spoken(now - self.began)

    def when(self, count: int) -> float:
        """When so many words have been said, epoch seconds."""
        return self.began + (self.speech.ends[count - 1] if count else 0.0)

    def as_json(self) -> dict[str, Any]:
        """`ends`: seconds after `began` at which each word has been said."""
        ends = [round(end, 3) for end in self.speech.ends]
        return {"words": self.speech.text, "began": round(self.began, 3), "ends": ends}


@dataclass(kw_only=True)
class Ears:
    clock: Clock
    sound: str = "silence"  # silence, ringing, music, speech, conference, bridge
    detail: str = ""  # the address of the music, the words, with whom
    since: float = 0.0
    saying: Utterance | None = None
    changed: Callable[[], None] = lambda: None  # told of every new sound
    _serial: int = 0
    _unmatched: list[str] = field(default_factory=list)  # words heard since the last match
    _changed: deque[asyncio.Future[None]] = field(default_factory=deque)

    def hear(self, sound: str, detail: str = "") -> None:
        if (sound, detail) != (self.sound, self.detail):
            self.sound, self.detail, self.since = sound, detail, self.clock.now()
            self._notify()

    def stop(self, sound: str, detail: str) -> None:
        """Silence after that sound, unless something else has begun meanwhile."""
        if (sound, detail) == (self.sound, self.detail):
            self.hear("silence")

    def begin(self, speech: Speech) -> Utterance:
        self._serial += 1
        self.saying = Utterance(speech=speech, began=self.clock.now(), serial=self._serial)
        self.hear("speech", speech.text)
        self._notify()
        return self.saying

    def finish(self, begun: Utterance, *, complete: bool) -> str:
        """End the utterance; returns what of it was heard. Does not touch one that began since."""
        said = self.saying if self.saying and self.saying.serial == begun.serial else None
        if said is None:
            return " ".join(begun.words[: begun.spoken(self.clock.now())])
        self.saying = None
        count = len(said.words) if complete else said.spoken(self.clock.now())
        self._unmatched.extend(said.words[said.used : count])
        if self.sound == "speech":
            self.hear("silence")
        self._notify()
        return " ".join(said.words[:count])

    def take(self, words: str) -> None:
        """Words that were heard as a whole, such as those of another person."""
        self._unmatched.extend(words.split())
        self._notify()

    async def until(self, pattern: str, within: float) -> bool:
        """Whether words that match were heard within so many seconds; they are used up by that."""
        wanted = re.compile(pattern, re.IGNORECASE)
        deadline = self.clock.now() + within
        while not self._use_up(wanted):
            if self.clock.now() >= deadline:
                return False
            await self._change_or(min(deadline, self._when(wanted)))
        return True

    async def until_sound(self, sounds: set[str], within: float) -> bool:
        """Whether it heard one of these within so many seconds."""
        deadline = self.clock.now() + within
        while self.sound not in sounds:
            if self.clock.now() >= deadline:
                return False
            await self._change_or(deadline)
        return True

    def _use_up(self, wanted: re.Pattern[str]) -> bool:
        said = self.saying
        spoken = list(said.words[said.used : said.spoken(self.clock.now())]) if said else []
        needed = _needed(wanted, self._unmatched + spoken)
        if needed is None:
            return False
        beyond = max(0, needed - len(self._unmatched))
        self._unmatched = self._unmatched[needed:]
        if said:
            self.saying = replace(said, used=said.used + beyond)
        return True

    def _when(self, wanted: re.Pattern[str]) -> float:
        """When the words now being said will have matched, if they will."""
        said = self.saying
        needed = _needed(wanted, [*self._unmatched, *said.words[said.used :]]) if said else None
        if said is None or needed is None:
            return float("inf")
        return said.when(said.used + needed - len(self._unmatched))

    async def _change_or(self, at: float) -> None:
        changed: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._changed.append(changed)
        sleeper = asyncio.ensure_future(self.clock.sleep(at - self.clock.now()))
        try:
            await asyncio.wait({changed, sleeper}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            changed.cancel()
            sleeper.cancel()

    def _notify(self) -> None:
        self.changed()
        while self._changed:
            waiter = self._changed.popleft()
            if not waiter.done():
                waiter.set_result(None)


def _needed(wanted: re.Pattern[str], words: list[str]) -> int | None:
    """How many of the words it takes to match."""
    text = " ".join(words)
    match = wanted.search(text)
    return len(text[: match.end()].split()) if match else None
