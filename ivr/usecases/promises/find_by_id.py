"""A promise by its id, or by as much of it as somebody has typed."""

from __future__ import annotations

import difflib
import re
from typing import Any

from ivr.domain.errors import CalorError
from ivr.domain.records.promise import Promise
from ivr.services import RedisServices
from ivr.store import keys
from ivr.store.store import reaching
from ivr.usecases.promises import overdue

MOST = 5


class NoSuchPromise(CalorError):
    """There is no promise of this id."""


def promise(s: RedisServices, typed: str) -> Promise:
    """Raises NoSuchPromise, with what is near or with those that begin so."""
    name = typed.strip().lower().removeprefix("promise:")
    found = s.store.get(Promise, name)
    if found is not None:
        return found
    begin_so = _beginning(s, name)
    if len(begin_so) == 1:
        found = s.store.get(Promise, begin_so[0])
    if found is not None:
        return found
    if begin_so:
        more = ", ..." if len(begin_so) > MOST else ""
        raise NoSuchPromise(f"Several promises begin with {typed}: {', '.join(begin_so[:MOST])}{more}.")
    open_ones = [p.id for p in overdue.open_promises(s)]
    near = difflib.get_close_matches(name, open_ones, n=1, cutoff=0.5)
    hint = f" Did you mean {near[0]}?" if near else " `ivr callbacks list` shows those that are open."
    raise NoSuchPromise(f"There is no promise {typed}.{hint}")


def _beginning(s: RedisServices, name: str) -> list[str]:
    """The ids that begin so. Looked for in all of them, a page at a time: a hand does it now and then."""
    if not re.fullmatch(r"[a-z0-9]+", name):
        return []
    cursor, found = 0, set()
    while True:
        with reaching():
            told: Any = s.store.redis.zscan(keys.everyone("promise"), cursor, match=f"{name}*", count=1000)
        cursor = int(told[0])
        found |= {one for one, _ in told[1]}
        if not cursor:
            return sorted(found)
