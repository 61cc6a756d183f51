"""What those who work here see of photos: which there are, links to them that expire, and which are new.

A link names a photo, a size and until when it may be followed. It is signed, and of use only to somebody who is signed in.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from itsdangerous import Signer

from ivr.domain import phone_numbers
from ivr.domain.records.customer import Case, Customer
from ivr.domain.records.photo import Photo, PhotoState, Why
from ivr.services import Services
from ivr.store import keys
from ivr.store.change import Change
from ivr.usecases.customers import last_talk, open_promises
from ivr.usecases.photos import fetch as photo_fetch
from ivr.usecases.photos import receive as photo_receive
from ivr.usecases.photos.fetch import LARGE, SMALL

HOUR = 3600
LATEST = 12  # photos that are shown at once; a case shows all of its own
_TOKEN = re.compile(r"([a-z0-9]{12})\.(large|small)\.(\d{10,11})\.([A-Za-z0-9_-]{27})")

WHY = {
    Why.NO_PICTURE: "it is no picture",
    Why.BROKEN: "it is damaged",
    Why.TOO_LARGE: "it is too large",
    Why.GONE: "it was not there any more",
    Why.ELSEWHERE: "it did not come by Twilio",
}


@dataclass(frozen=True, kw_only=True)
class Shown:
    """`at`: when it came, epoch seconds. `small`, `large`: what a link ends with, "" unless it is kept. `why`: it is not."""

    id: str
    at: float
    state: PhotoState
    small: str
    large: str
    why: str
    width: int
    height: int


@dataclass(frozen=True, kw_only=True)
class New:
    """Photos of one case that nobody has said they have seen. `who`: their name, or how their number ends."""

    case: str
    who: str
    photos: Sequence[Shown]


def one(s: Services, name: str) -> Shown | None:
    """None: it was erased."""
    photo = s.store.get(Photo, name)
    return _shown(s, photo) if photo is not None else None


def in_talk(s: Services, case: str, number: str) -> list[Shown]:
    """Oldest first: the customer's latest, whichever case they are on; where several people use the number, the case's alone."""
    if number and not open_promises.is_shared(s, s.store.get(Customer, number)):
        (names,) = s.store.read([("ZRANGE", keys.photos_of(number), -LATEST, -1)])
    else:
        thread = last_talk.thread(s, case) if case else []
        names = [e["photo"] for e in thread if e["kind"] == "photo"][-LATEST:]
    return [_shown(s, photo) for photo in s.store.get_all(Photo, names)]


def new(s: Services, agent: str) -> list[New]:
    """For this agent, and those that are nobody's; oldest first, by case."""
    found = s.store.read([("ZRANGE", keys.unseen(a), 0, LATEST - 1) for a in (agent, "")])
    by_case: dict[str, list[Photo]] = {}
    for photo in s.store.get_all(Photo, [name for names in found for name in names]):
        by_case.setdefault(photo.case, []).append(photo)
    return [
        New(case=case, who=_who(s, of[0].customer), photos=[_shown(s, p) for p in of])
        for case, of in by_case.items()
    ]


def seen(s: Services, names: Sequence[str]) -> None:
    """They are new to nobody any more."""
    change = Change(now=s.clock.now())
    for photo in s.store.get_all(Photo, names):
        change.op("ZREM", keys.unseen(photo.agent), photo.id)
        change.touch(f"{Case.noun}:{photo.case}")
        photo_receive.touch(photo.agent, change)
    if not change.empty:
        s.store.commit(change)


def follow(s: Services, text: str) -> bytes | None:
    """The JPEG that a link leads to; None when it is forged or old, or the photo is not there. Raises AlbumAway, Unavailable."""
    found = _TOKEN.fullmatch(text)
    if found is None or int(found[3]) < s.clock.now():
        return None
    if not _signer(s).verify_signature(_signed(found[1], found[2], found[3]), found[4]):
        return None
    photo = s.store.get(Photo, found[1])
    if photo is None or photo.state is not PhotoState.KEPT:
        return None
    return s.album.get(photo_fetch.file(photo.id, found[2]))


def token(s: Services, name: str, size: str) -> str:
    """Good for one to two hours, and the same within the hour: a part of a page that is fetched anew fetches no picture anew."""
    until = str((int(s.clock.now()) // HOUR + 2) * HOUR)
    signature = _signer(s).get_signature(_signed(name, size, until)).decode()
    return f"{name}.{size}.{until}.{signature}"


def _shown(s: Services, photo: Photo) -> Shown:
    kept = photo.state is PhotoState.KEPT
    return Shown(
        id=photo.id,
        at=photo.made,
        state=photo.state,
        small=token(s, photo.id, SMALL) if kept else "",
        large=token(s, photo.id, LARGE) if kept else "",
        why=WHY.get(photo.why, ""),
        width=photo.width,
        height=photo.height,
    )


def _who(s: Services, number: str) -> str:
    customer = s.store.get(Customer, number)
    name = customer.name if customer and not open_promises.is_shared(s, customer) else ""
    return name or f"the number ending {phone_numbers.ending(number)}"


def _signed(name: str, size: str, until: str) -> bytes:
    return f"{name} {size} {until}".encode()


def _signer(s: Services) -> Signer:
    return Signer(s.settings.signing_key, salt="a photo")
