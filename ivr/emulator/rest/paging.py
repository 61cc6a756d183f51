"""Lists, a page at a time (https://www.twilio.com/docs/usage/twilios-response#pagination).

Where a page begins is told by its token alone: the resource it follows (`PA` and its identifier) or precedes (`PB`).
So nothing is skipped or told twice when something is made or deleted meanwhile; `Page` only counts along.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from operator import attrgetter
from typing import Any, TypeVar
from urllib.parse import urlencode

from aiohttp import web

from ivr.emulator.rest.common import WORLD, Json
from ivr.emulator.rest.form import Form, Refusal
from ivr.emulator.runtime.formats import Sids

T = TypeVar("T")
USUAL, LARGEST = 50, 1000
MOST_PAGES = 1_000_000
OWN = frozenset({"PageSize", "Page", "PageToken"})
sid_of: Callable[[Any], str] = attrgetter("sid")


@dataclass(frozen=True, kw_only=True)
class Pages:
    """Of a list that is told newest first, unless `oldest_first`."""

    request: web.Request
    key: str  # under which the list stands
    oldest_first: bool = False

    def page(
        self, items: Sequence[T], render: Callable[[T], Json], name: Callable[[T], str] = sid_of
    ) -> Json:
        """The page that was asked for, with the addresses of its neighbours. Only what is on it is rendered."""
        query = Form(self.request.query)
        size, number = _size(query), query.whole("Page", 0, 0, MOST_PAGES)
        start, end = self._span(query.text("PageToken"), [name(one) for one in items], size)
        here = items[start:end]
        return {
            self.key: [render(one) for one in here],
            "first_page_uri": self._address(size, 0),
            "next_page_uri": self._address(size, number + 1, f"PA{name(here[-1])}")
            if end < len(items)
            else None,
            "previous_page_uri": (
                self._address(size, max(number - 1, 0), f"PB{name(here[0])}") if start and here else None
            ),
            "uri": self._address(size, number, query.text("PageToken")),
            "page": number,
            "page_size": size,
            "start": number * size,
            "end": max(number * size + len(here) - 1, 0),
        }

    def _span(self, token: str, names: list[str], size: int) -> tuple[int, int]:
        if not token:
            return 0, min(size, len(names))
        if token[:2] not in {"PA", "PB"}:
            raise Refusal(400, 21481, f"Invalid PageToken: {token}")
        index, there = self._find(token[2:], names)
        if token.startswith("PB"):
            return max(index - size, 0), index
        start = index + there
        return start, min(start + size, len(names))

    def _find(self, anchor: str, names: list[str]) -> tuple[int, bool]:
        """Where it is, or would be if it had not gone; and whether it is there."""
        if anchor in names:
            return names.index(anchor), True
        sids: Sids = self.request.app[WORLD].exchange.sids
        age = sids.ordinal(anchor)
        if age is None:
            raise Refusal(400, 21481, f"Invalid PageToken: {anchor}")
        for index, one in enumerate(names):
            other = sids.ordinal(one) or 0
            if (other > age) if self.oldest_first else (other < age):
                return index, False
        return len(names), False

    def _address(self, size: int, number: int, token: str = "") -> str:
        given = [(name, value) for name, value in self.request.query.items() if name not in OWN]
        more = [("PageToken", token)] if token else []
        return f"{self.request.path}?{urlencode([*given, ('PageSize', size), ('Page', number), *more])}"


def _size(query: Form) -> int:
    given = query.text("PageSize")
    if given.isascii() and given.isdigit() and int(given) > LARGEST:
        raise Refusal(400, 20007, f"Page size too large: {given}, the largest is {LARGEST}")
    return query.whole("PageSize", USUAL, 1, LARGEST)
