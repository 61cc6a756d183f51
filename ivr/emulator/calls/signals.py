"""What goes between a leg and what happens on it: orders, keys, words, and whom to tell."""

import asyncio
from dataclasses import dataclass, field
from typing import Protocol


@dataclass(frozen=True, kw_only=True)
class TwimlSource:
    """Where the next TwiML comes from: a URL, or the document itself."""

    url: str = ""
    method: str = "POST"
    params: dict[str, str] = field(default_factory=dict)
    document: str | None = None


class Redirected(Exception):
    def __init__(self, source: TwimlSource) -> None:
        super().__init__(source.url)
        self.twiml = source


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
class TrackSpeech:
    """Words on one side of a leg: `inbound` is what its person says, `outbound` what they hear."""

    track: str
    words: str  # all of them; once they have ended, those that were said
    confidence: float | None = None
    language: str = ""


CallInput = Key | SpeechBegan | SpeechEnded
InputQueue = asyncio.Queue[CallInput]


@dataclass(frozen=True, kw_only=True)
class StatusCallback:
    """A status callback: where to, and for which events."""

    url: str
    method: str = "POST"
    events: frozenset[str] = frozenset({"completed"})


class SpeechListener(Protocol):
    """Whoever follows what is said on a leg, in both directions."""

    def on_speech_began(self, speech: TrackSpeech) -> None: ...

    def on_speech_ended(self, speech: TrackSpeech) -> None: ...


class StartedNoun(Protocol):
    """Something that <Start> has started and <Stop> can stop."""

    def stop(self) -> object: ...
