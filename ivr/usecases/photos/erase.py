"""Every photo of one customer is erased: the files, what Twilio may still have, and the record of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from ivr.domain.actor import Actor
from ivr.domain.records.photo import Photo, PhotoState
from ivr.services import Services
from ivr.store.queries import photos
from ivr.usecases.photos import fetch as photo_fetch


@dataclass(frozen=True, kw_only=True)
class PhotoErasure:
    """`remaining`: those that could not be reached now; a worker goes on until they are gone."""

    count: int
    remaining: int


def erase_customer_photos(
    services: Services, number: str, *, actor: Actor, until: float = float("inf")
) -> PhotoErasure:
    """`number`: E.164; `until`: those that came by then. What must be erased is written down first, so that it is done whatever happens meanwhile."""
    names = services.store.read(photos.list_of_customer_until(number, until + 1))  # `order` counts on
    return erase_photos(services, names, actor=actor)


def erase_photos(services: Services, photo_ids: Sequence[str], *, actor: Actor) -> PhotoErasure:
    for name in photo_ids:
        for change in services.store.transact():
            photo = services.store.get(Photo, name)
            if photo is None or photo.state is PhotoState.TO_ERASE:
                break
            # seldom is one being stored at this moment: whoever does takes it back (fetch.py)
            unwanted = change.put(photo, replace(photo, state=PhotoState.TO_ERASE, attempts=0))
            change.schedule(unwanted, change.now + photo_fetch.LEASE_SECONDS)
            change.log_action("photo erased", actor, photo=name, case=photo.case)
    for name in photo_ids:
        photo_fetch.process_due(services, name)
    left = len(services.store.get_many(Photo, list(photo_ids)))
    return PhotoErasure(count=len(photo_ids) - left, remaining=left)
