"""What a leg hears: words at the speed of speech, music, silence, other people."""

import asyncio
import re
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

from ivr.emulator.runtime.clock import EmulatorClock
from ivr.emulator.speech.speaking_time import Speech


@dataclass(frozen=True, kw_only=True)
class Utterance:
    speech: Speech
    began_at: float  # epoch seconds
    consumed_words: int = 0  # words that a listener has already reacted to
    serial: int = 0

    @property
    def words(self) -> tuple[str, ...]:
        return self.speech.words

    def count_spoken(self, now: float) -> int:
        """How many words have been said by then."""
        return self.speech.count_spoken(now - self.began_at)

    def time_of_word(self, count: int) -> float:
        """When so many words have been said, epoch seconds."""
        return self.began_at + (self.speech.word_ends[count - 1] if count else 0.0)

    def as_json(self) -> dict[str, Any]:
        """`ends`: seconds after `began` at which each word has been said."""
        ends = [round(end, 3) for end in self.speech.word_ends]
        return {"words": self.speech.text, "began": round(self.began_at, 3), "ends": ends}


@dataclass(kw_only=True)
class LegHearing:
    clock: EmulatorClock
    sound: str = "silence"  # silence, ringing, music, speech, conference, bridge
    detail: str = ""  # the address of the music, the words, with whom
    since: float = 0.0
    utterance: Utterance | None = None
    on_change: Callable[[], None] = lambda: None  # told of every new sound
    _serial: int = 0
    _unmatched_words: list[str] = field(default_factory=list)  # words heard since the last match
    _change_waiters: deque[asyncio.Future[None]] = field(default_factory=deque)

    def set_sound(self, sound: str, detail: str = "") -> None:
        if (sound, detail) != (self.sound, self.detail):
            self.sound, self.detail, self.since = sound, detail, self.clock.now()
            self._notify()

    def end_sound(self, sound: str, detail: str) -> None:
        """Silence after that sound, unless something else has begun meanwhile."""
        if (sound, detail) == (self.sound, self.detail):
            self.set_sound("silence")

    def begin_utterance(self, speech: Speech) -> Utterance:
        self._serial += 1
        self.utterance = Utterance(speech=speech, began_at=self.clock.now(), serial=self._serial)
        self.set_sound("speech", speech.text)
        self._notify()
        return self.utterance

    def finish_utterance(self, started: Utterance, *, complete: bool) -> str:
        """End the utterance; returns what of it was heard. Does not touch one that began since."""
        said = self.utterance if self.utterance and self.utterance.serial == started.serial else None
        if said is None:
            return " ".join(started.words[: started.count_spoken(self.clock.now())])
        self.utterance = None
        count = len(said.words) if complete else said.count_spoken(self.clock.now())
        self._unmatched_words.extend(said.words[said.consumed_words : count])
        if self.sound == "speech":
            self.set_sound("silence")
        self._notify()
        return " ".join(said.words[:count])

    def add_words(self, words: str) -> None:
        """Words that were heard as a whole, such as those of another person."""
        self._unmatched_words.extend(words.split())
        self._notify()

    async def wait_for_words(self, pattern: str, max_seconds: float) -> bool:
        """Whether words that match were heard within so many seconds; they are used up by that."""
        wanted = re.compile(pattern, re.IGNORECASE)
        deadline = self.clock.now() + max_seconds
        while not self._consume_match(wanted):
            if self.clock.now() >= deadline:
                return False
            await self._wait_for_change(min(deadline, self._time_of_match(wanted)))
        return True

    async def wait_for_sound(self, sounds: set[str], max_seconds: float) -> bool:
        """Whether it heard one of these within so many seconds."""
        deadline = self.clock.now() + max_seconds
        while self.sound not in sounds:
            if self.clock.now() >= deadline:
                return False
            await self._wait_for_change(deadline)
        return True

    def _consume_match(self, pattern: re.Pattern[str]) -> bool:
        said = self.utterance
        spoken = list(said.words[said.consumed_words : said.count_spoken(self.clock.now())]) if said else []
        needed = _count_words_to_match(pattern, self._unmatched_words + spoken)
        if needed is None:
            return False
        beyond = max(0, needed - len(self._unmatched_words))
        self._unmatched_words = self._unmatched_words[needed:]
        if said:
            self.utterance = replace(said, consumed_words=said.consumed_words + beyond)
        return True

    def _time_of_match(self, pattern: re.Pattern[str]) -> float:
        """When the words now being said will have matched, if they will."""
        said = self.utterance
        needed = (
            _count_words_to_match(pattern, [*self._unmatched_words, *said.words[said.consumed_words :]])
            if said
            else None
        )
        if said is None or needed is None:
            return float("inf")
        return said.time_of_word(said.consumed_words + needed - len(self._unmatched_words))

    async def _wait_for_change(self, deadline: float) -> None:
        changed: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._change_waiters.append(changed)
        sleeper = asyncio.ensure_future(self.clock.sleep(deadline - self.clock.now()))
        try:
            await asyncio.wait({changed, sleeper}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            changed.cancel()
            sleeper.cancel()

    def _notify(self) -> None:
        self.on_change()
        while self._change_waiters:
            waiter = self._change_waiters.popleft()
            if not waiter.done():
                waiter.set_result(None)


def _count_words_to_match(pattern: re.Pattern[str], words: list[str]) -> int | None:
    """How many of the words it takes to match."""
    text = " ".join(words)
    match = pattern.search(text)
    return len(text[: match.end()].split()) if match else None
