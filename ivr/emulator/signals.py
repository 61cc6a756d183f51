"""What goes between a leg and what happens on it: orders, keys, words, and whom to tell."""

import asyncio
from dataclasses import dataclass, field


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


@dataclass(frozen=True, kw_only=True)
class SpeechEnded:
    words: str


Input = Key | SpeechBegan | SpeechEnded
Inbox = asyncio.Queue[Input]


@dataclass(frozen=True, kw_only=True)
class Events:
    """A status callback: where to, and for which events."""

    url: str
    method: str = "POST"
    names: frozenset[str] = frozenset({"completed"})
