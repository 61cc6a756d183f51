"""A worker looks at a photo: it is fetched, made plain, stored, deleted at Twilio. Whatever is away, it is tried again.

Its files have its own name, so that whoever dies between storing and writing that down has stored it once all the same.
"""

from __future__ import annotations

from dataclasses import replace

import structlog

from ivr.domain.errors import AlbumAway, TelephonyError, Unfit
from ivr.domain.records.customer import Case, Customer
from ivr.domain.records.photo import Photo, PhotoState, Why, pause
from ivr.domain.rules import image
from ivr.services import Services
from ivr.store import keys
from ivr.store.change import Change
from ivr.usecases.dialing import permissions
from ivr.usecases.photos import receive as photo_receive
from ivr.usecases.texting import send as texting_send

log = structlog.get_logger()

LEASE = 60.0  # seconds in which whoever has begun is left to it
SETTLES = 600.0  # seconds for which "not there" may mean "not there yet"
ONCE = 3600  # seconds in which a customer is told the same thing once
LARGE, SMALL = "large", "small"


def file(photo: str, size: str) -> str:
    """Its name in the album. `size`: LARGE or SMALL."""
    return f"{photo}.{size}.jpg"


def look(s: Services, name: str) -> bool:
    """False when nothing is to be done any more."""
    photo = s.store.get(Photo, name)
    if photo is None:
        return False
    if photo.state is PhotoState.WANTED:
        _fetch(s, photo)
        return True
    if photo.state is PhotoState.UNWANTED:
        _forget(s, photo)
        return True
    if photo.there and s.settings.photos_delete:
        _clean(s, photo)
        return True
    return False


def _fetch(s: Services, photo: Photo) -> None:
    change = Change(now=s.clock.now())
    begun = change.put(photo, replace(photo, attempts=photo.attempts + 1))
    change.wake(begun, change.now + LEASE)
    if not s.store.commit(change):
        return
    try:
        found = image.read(s.media.fetch(photo.message, photo.medium))
        s.album.put(file(photo.id, LARGE), found.large)
        s.album.put(file(photo.id, SMALL), found.small)
    except Unfit as e:
        _settle(s, replace(begun, state=PhotoState.REFUSED, why=Why(e.why)), "text.photo_unread")
    except TelephonyError as e:
        if e.status == 404 and s.clock.now() > photo.made + SETTLES:
            gone = replace(begun, state=PhotoState.REFUSED, why=Why.GONE, there=False)
            _settle(s, gone, "text.photo_unread")
        else:
            _later(s, begun, e)
    except AlbumAway as e:
        _later(s, begun, e)
    else:
        kept = replace(begun, state=PhotoState.KEPT, width=found.width, height=found.height)
        if not _settle(s, kept, "text.photo_kept"):
            _take_back(s, photo.id)


def _settle(s: Services, settled: Photo, words: str) -> bool:
    """What became of it, and a text about it. False when somebody has decided otherwise meanwhile."""
    while (now := s.store.get(Photo, settled.id)) is not None and now.rev == settled.rev:
        change = Change(now=s.clock.now())
        new = change.put(now, settled)
        _tell(s, new, words, change)
        if new.there and s.settings.photos_delete:
            change.wake(new, change.now)
        else:
            change.rest(new)
        change.touch(f"{Case.noun}:{new.case}")
        photo_receive.touch(new.agent, change)
        change.journal(f"photo {new.state}", photo=new.id, case=new.case, why=str(new.why).replace(" ", "_"))
        if s.store.commit(change):
            return True
    return False


def _take_back(s: Services, name: str) -> None:
    """It was forgotten while it was being stored."""
    now = s.store.get(Photo, name)
    if now is None or now.state is PhotoState.UNWANTED:
        for size in (LARGE, SMALL):
            s.album.delete(file(name, size))


def _clean(s: Services, photo: Photo) -> None:
    """Nothing of a customer's stays at Twilio for longer than it must."""
    try:
        s.media.delete(photo.message, photo.medium)
    except TelephonyError as e:
        change = Change(now=s.clock.now())
        tried = change.put(photo, replace(photo, attempts=photo.attempts + 1))
        if s.store.commit(change):
            _later(s, tried, e)
        return
    change = Change(now=s.clock.now())
    change.rest(change.put(photo, replace(photo, there=False)))
    s.store.commit(change)


def _forget(s: Services, photo: Photo) -> None:
    """First all that it is, then that there was one."""
    try:
        for size in (LARGE, SMALL):
            s.album.delete(file(photo.id, size))
        if photo.there:
            s.media.delete(photo.message, photo.medium)
    except (AlbumAway, TelephonyError) as e:
        change = Change(now=s.clock.now())
        tried = change.put(photo, replace(photo, attempts=photo.attempts + 1))
        if s.store.commit(change):
            _later(s, tried, e)
        return
    change = Change(now=s.clock.now())
    change.expect(photo)
    change.op("DEL", photo.member)
    for index in (keys.everyone(Photo.noun), keys.photos_of(photo.customer), keys.unseen(photo.agent)):
        change.op("ZREM", index, photo.id)
    change.rest(photo)
    change.touch(f"{Case.noun}:{photo.case}")
    s.store.commit(change)


def _later(s: Services, photo: Photo, why: Exception) -> None:
    log.warning("photo_fetch_delayed", photo=photo.id, attempts=photo.attempts, why=str(why))
    change = Change(now=s.clock.now())
    change.expect(photo)
    change.wake(photo, change.now + pause(photo.attempts))
    s.store.commit(change)


def _tell(s: Services, photo: Photo, words: str, change: Change) -> None:
    """Several pictures, or several that cannot be read, are one text."""
    said, texted = keys.said(words, photo.customer), keys.texted(photo.customer, photo.line)
    already, no = s.store.read([("EXISTS", said), ("GET", texted)])
    customer = s.store.get(Customer, photo.customer)
    if already or customer is None or customer.no_texts:
        return
    if not permissions.may_ring(s, photo.customer, line=photo.line):  # texts abroad cost as calls do
        return
    change.once(said, photo.id, seconds=ONCE)
    language = customer.language or s.library.for_line(photo.line).languages[0]
    texting_send.send(
        s,
        to=photo.customer,
        line=photo.line,
        body=s.library.book(language).text(words),
        about=f"{Case.noun}:{photo.case}",
        change=change,
        no=no or "",  # it asks nothing: what a NO means stays as it was
    )
