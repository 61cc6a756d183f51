"""A promise by its id, or by as much of it as somebody has typed."""

from __future__ import annotations

import difflib
import re

from ivr.domain.errors import CalorError
from ivr.domain.records.promise import Promise
from ivr.services import RedisServices
from ivr.store.queries import created_index
from ivr.usecases.promises import overdue

MAX_LISTED = 5


class NoSuchPromise(CalorError):
    """There is no promise of this id."""


def find_promise(s: RedisServices, typed_id: str) -> Promise:
    """Raises NoSuchPromise, with what is near or with those that begin so."""
    name = typed_id.strip().lower().removeprefix("promise:")
    found = s.store.get(Promise, name)
    if found is not None:
        return found
    begin_so = _list_ids_with_prefix(s, name)
    if len(begin_so) == 1:
        found = s.store.get(Promise, begin_so[0])
    if found is not None:
        return found
    if begin_so:
        more = ", ..." if len(begin_so) > MAX_LISTED else ""
        raise NoSuchPromise(
            f"Several promises begin with {typed_id}: {', '.join(begin_so[:MAX_LISTED])}{more}."
        )
    open_ones = [p.id for p in overdue.list_open_promises(s)]
    near = difflib.get_close_matches(name, open_ones, n=1, cutoff=0.5)
    hint = f" Did you mean {near[0]}?" if near else " `ivr callbacks list` shows those that are open."
    raise NoSuchPromise(f"There is no promise {typed_id}.{hint}")


def _list_ids_with_prefix(s: RedisServices, prefix: str) -> list[str]:
    """The ids that begin so."""
    if not re.fullmatch(r"[a-z0-9]+", prefix):
        return []
    return created_index.list_ids_with_prefix(s.store, Promise.record_type, prefix)
