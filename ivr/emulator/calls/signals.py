"""What goes between a leg and what happens on it: orders, keys, words, and whom to tell."""

import asyncio
from dataclasses import dataclass, field
from typing import Protocol


@dataclass(frozen=True, kw_only=True)
class Ask:
    """Where the next TwiML comes from: a URL, or the document itself."""

    url: str = ""
    method: str = "POST"
    params: dict[str, str] = field(default_factory=dict)
    document: str | None = None


class Redirected(Exception):
    def __init__(self, ask: Ask) -> None:
        super().__init__(ask.url)
        self.ask = ask


class HungUp(Exception):
    """The leg has ended."""


@dataclass(frozen=True, kw_only=True)
class Key:
    key: str


@dataclass(frozen=True, kw_only=True)
class SpeechBegan:
    words: str
    confidence: float | None = None  # how clearly they are spoken, 0 to 1, if the person's script says so
    language: str = ""  # BCP 47; empty for the one that is listened for


@dataclass(frozen=True, kw_only=True)
class SpeechEnded:
    words: str


@dataclass(kw_only=True, eq=False)
class Said:
    """Words on one side of a leg: `inbound` is what its person says, `outbound` what they hear."""

    track: str
    words: str  # all of them; once they have ended, those that were said
    confidence: float | None = None
    language: str = ""


Input = Key | SpeechBegan | SpeechEnded
Inbox = asyncio.Queue[Input]


@dataclass(frozen=True, kw_only=True)
class Events:
    """A status callback: where to, and for which events."""

    url: str
    method: str = "POST"
    names: frozenset[str] = frozenset({"completed"})


class Listener(Protocol):
    """Whoever follows what is said on a leg, in both directions."""

    def began(self, said: Said) -> None: ...

    def ended(self, said: Said) -> None: ...


class Running(Protocol):
    """Something that <Start> has started and <Stop> can stop."""

    def stop(self) -> object: ...
