"""Every photo of one customer is erased: the files, what Twilio may still have, and the record of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from ivr.domain.actor import By
from ivr.domain.records.photo import Photo, PhotoState
from ivr.services import Services
from ivr.store import keys
from ivr.store.change import Change
from ivr.usecases.photos import fetch as photo_fetch


@dataclass(frozen=True, kw_only=True)
class Erased:
    """`left`: those that could not be reached now; a worker goes on until they are gone."""

    count: int
    left: int


def erase(s: Services, number: str, *, by: By, until: float = float("inf")) -> Erased:
    """`number`: E.164; `until`: those that came by then. What must be erased is written down first, so that it is done whatever happens meanwhile."""
    (names,) = s.store.read(
        [("ZRANGEBYSCORE", keys.photos_of(number), "-inf", until + 1)]
    )  # `order` counts on
    return these(s, names, by=by)


def these(s: Services, names: Sequence[str], *, by: By) -> Erased:
    for name in names:
        while (photo := s.store.get(Photo, name)) is not None and photo.state is not PhotoState.UNWANTED:
            change = Change(now=s.clock.now())
            # seldom is one being stored at this moment: whoever does takes it back (fetch.py)
            unwanted = change.put(photo, replace(photo, state=PhotoState.UNWANTED, attempts=0))
            change.wake(unwanted, change.now + photo_fetch.LEASE)
            change.act("photo erased", by, photo=name, case=photo.case)
            s.store.commit(change)
    for name in names:
        photo_fetch.look(s, name)
    left = len(s.store.get_all(Photo, list(names)))
    return Erased(count=len(names) - left, left=left)
