"""What static/staff/live.js finds in a page: its live parts, what they follow, and where they are fetched anew."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser


@dataclass(kw_only=True)
class Part:
    """`every`, `calm`: seconds, 0 when the page says nothing of it."""

    src: str
    topics: set[str]
    every: float = 0.0
    calm: float = 0.0


@dataclass(kw_only=True)
class Page:
    since: str = ""
    parts: list[Part] = field(default_factory=list)

    @property
    def topics(self) -> str:
        """As the page asks /live for them."""
        return " ".join(sorted(set().union(*(part.topics for part in self.parts))))


def read(html: str) -> Page:
    reader = _Reader()
    reader.feed(html)
    reader.close()
    return reader.page


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.page = Page()
        self._open: list[tuple[str, Part | None]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told = {name: value or "" for name, value in attrs}
        part = None
        if tag == "body":
            self.page.since = told.get("data-since", "")
        if "data-live" in told:
            part = Part(
                src=told["data-src"],
                topics=set(told.get("data-also", told["data-live"]).split()),
                every=float(told.get("data-every", 0)),
                calm=float(told.get("data-calm", 0)),
            )
            self.page.parts.append(part)
        for _, around in self._open:
            if around:
                around.topics |= set(told.get("data-also", "").split())
        self._open.append((tag, part))  # one that has no end stands there until what it is in ends

    def handle_endtag(self, tag: str) -> None:
        if any(tag == name for name, _ in self._open):
            while self._open.pop()[0] != tag:
                pass
