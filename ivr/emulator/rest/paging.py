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

from ivr.emulator.rest.common import WORLD_KEY, Json
from ivr.emulator.rest.form import Form, RestApiError
from ivr.emulator.runtime.formats import SidGenerator

T = TypeVar("T")
DEFAULT_PAGE_SIZE, MAX_PAGE_SIZE = 50, 1000
MAX_PAGE_NUMBER = 1_000_000
PAGING_PARAMETERS = frozenset({"PageSize", "Page", "PageToken"})
get_sid: Callable[[Any], str] = attrgetter("sid")


@dataclass(frozen=True, kw_only=True)
class Pager:
    """Of a list that is told newest first, unless `oldest_first`."""

    request: web.Request
    key: str  # under which the list stands
    oldest_first: bool = False

    def render_page(
        self, items: Sequence[T], render: Callable[[T], Json], get_name: Callable[[T], str] = get_sid
    ) -> Json:
        """The page that was asked for, with the addresses of its neighbours. Only what is on it is rendered."""
        query = Form(self.request.query)
        size, number = _read_page_size(query), query.integer("Page", 0, 0, MAX_PAGE_NUMBER)
        start, end = self._page_bounds(query.text("PageToken"), [get_name(one) for one in items], size)
        here = items[start:end]
        return {
            self.key: [render(one) for one in here],
            "first_page_uri": self._page_uri(size, 0),
            "next_page_uri": self._page_uri(size, number + 1, f"PA{get_name(here[-1])}")
            if end < len(items)
            else None,
            "previous_page_uri": (
                self._page_uri(size, max(number - 1, 0), f"PB{get_name(here[0])}") if start and here else None
            ),
            "uri": self._page_uri(size, number, query.text("PageToken")),
            "page": number,
            "page_size": size,
            "start": number * size,
            "end": max(number * size + len(here) - 1, 0),
        }

    def _page_bounds(self, token: str, names: list[str], size: int) -> tuple[int, int]:
        if not token:
            return 0, min(size, len(names))
        if token[:2] not in {"PA", "PB"}:
            raise RestApiError(400, 21481, f"Invalid PageToken: {token}")
        index, there = self._locate_anchor(token[2:], names)
        if token.startswith("PB"):
            return max(index - size, 0), index
        start = index + there
        return start, min(start + size, len(names))

    def _locate_anchor(self, anchor: str, names: list[str]) -> tuple[int, bool]:
        """Where it is, or would be if it had not gone; and whether it is there."""
        if anchor in names:
            return names.index(anchor), True
        sids: SidGenerator = self.request.app[WORLD_KEY].exchange.sids
        age = sids.ordinal(anchor)
        if age is None:
            raise RestApiError(400, 21481, f"Invalid PageToken: {anchor}")
        for index, one in enumerate(names):
            other = sids.ordinal(one) or 0
            if (other > age) if self.oldest_first else (other < age):
                return index, False
        return len(names), False

    def _page_uri(self, size: int, page: int, token: str = "") -> str:
        given = [(name, value) for name, value in self.request.query.items() if name not in PAGING_PARAMETERS]
        more = [("PageToken", token)] if token else []
        return f"{self.request.path}?{urlencode([*given, ('PageSize', size), ('Page', page), *more])}"


def _read_page_size(query: Form) -> int:
    given = query.text("PageSize")
    if given.isascii() and given.isdigit() and int(given) > MAX_PAGE_SIZE:
        raise RestApiError(400, 20007, f"Page size too large: {given}, the largest is {MAX_PAGE_SIZE}")
    return query.integer("PageSize", DEFAULT_PAGE_SIZE, 1, MAX_PAGE_SIZE)
