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
from ivr.domain.records.photo import Photo, PhotoRejection, PhotoState
from ivr.services import Services
from ivr.store.queries import photos
from ivr.store.query import each
from ivr.usecases.customers import case_thread
from ivr.usecases.dialing import shared_numbers
from ivr.usecases.photos import fetch as photo_fetch
from ivr.usecases.photos import receive as photo_receive
from ivr.usecases.photos.fetch import LARGE, SMALL

HOUR_SECONDS = 3600
MAX_PHOTOS_SHOWN = 12  # photos that are shown at once; a case shows all of its own
_TOKEN = re.compile(r"([a-z0-9]{12})\.(large|small)\.(\d{10,11})\.([A-Za-z0-9_-]{27})")

REASON_TEXTS = {
    PhotoRejection.NOT_AN_IMAGE: "it is no picture",
    PhotoRejection.BROKEN: "it is damaged",
    PhotoRejection.TOO_LARGE: "it is too large",
    PhotoRejection.GONE_AT_TWILIO: "it was not there any more",
    PhotoRejection.FOREIGN_ADDRESS: "it did not come by Twilio",
}


@dataclass(frozen=True, kw_only=True)
class PhotoView:
    """`received_at`: when it came, epoch seconds. `small`, `large`: what a link ends with, "" unless it is kept. `reason`: why it is not."""

    id: str
    received_at: float
    state: PhotoState
    small: str
    large: str
    reason: str
    width: int
    height: int


@dataclass(frozen=True, kw_only=True)
class NewPhotos:
    """Photos of one case that nobody has said they have seen. `customer_label`: their name, or how their number ends."""

    case: str
    customer_label: str
    photos: Sequence[PhotoView]


def get_photo(services: Services, photo_id: str) -> PhotoView | None:
    """None: it was erased."""
    photo = services.store.get(Photo, photo_id)
    return _photo_view(services, photo) if photo is not None else None


def list_for_talk(services: Services, case_id: str, number: str) -> list[PhotoView]:
    """Oldest first: the customer's latest, whichever case they are on; where several people use the number, the case's alone."""
    if number and not shared_numbers.is_shared(services, services.store.get(Customer, number)):
        names = services.store.read(photos.list_latest_of_customer(number, MAX_PHOTOS_SHOWN))
    else:
        thread = case_thread.get_thread(services, case_id) if case_id else []
        names = [e["photo"] for e in thread if e["kind"] == "photo"][-MAX_PHOTOS_SHOWN:]
    return [_photo_view(services, photo) for photo in services.store.get_many(Photo, names)]


def list_new(services: Services, agent_id: str) -> list[NewPhotos]:
    """For this agent, and those that are nobody's; oldest first, by case."""
    found = services.store.read(each((agent_id, ""), lambda a: photos.list_new(a, MAX_PHOTOS_SHOWN)))
    by_case: dict[str, list[Photo]] = {}
    for photo in services.store.get_many(Photo, [name for names in found.values() for name in names]):
        by_case.setdefault(photo.case, []).append(photo)
    return [
        NewPhotos(
            case=case,
            customer_label=_customer_label(services, of[0].customer),
            photos=[_photo_view(services, p) for p in of],
        )
        for case, of in by_case.items()
    ]


def mark_seen(services: Services, photo_ids: Sequence[str]) -> None:
    """They are new to nobody any more."""
    change = services.store.begin()
    for photo in services.store.get_many(Photo, photo_ids):
        photos.remove_new(photo, change)
        change.touch_topic(f"{Case.record_type}:{photo.case}")
        photo_receive.touch_desk(photo.new_for_agent, change)
    if not change.is_empty:
        services.store.commit_best_effort(change)


def read_photo(services: Services, signed_token: str) -> bytes | None:
    """The JPEG that a link leads to; None when it is forged or old, or the photo is not there. Raises PhotoStorageUnavailable, Unavailable."""
    found = _TOKEN.fullmatch(signed_token)
    if found is None or int(found[3]) < services.clock.now():
        return None
    if not _signer(services).verify_signature(_signed_value(found[1], found[2], found[3]), found[4]):
        return None
    photo = services.store.get(Photo, found[1])
    if photo is None or photo.state is not PhotoState.STORED:
        return None
    return services.photo_storage.get(photo_fetch.file_name(photo.id, found[2]))


def create_token(services: Services, photo_id: str, size: str) -> str:
    """Good for one to two hours, and the same within the hour: a part of a page that is fetched anew fetches no picture anew."""
    until = str((int(services.clock.now()) // HOUR_SECONDS + 2) * HOUR_SECONDS)
    signature = _signer(services).get_signature(_signed_value(photo_id, size, until)).decode()
    return f"{photo_id}.{size}.{until}.{signature}"


def _photo_view(services: Services, photo: Photo) -> PhotoView:
    kept = photo.state is PhotoState.STORED
    return PhotoView(
        id=photo.id,
        received_at=photo.created_at,
        state=photo.state,
        small=create_token(services, photo.id, SMALL) if kept else "",
        large=create_token(services, photo.id, LARGE) if kept else "",
        reason=REASON_TEXTS.get(photo.rejection, ""),
        width=photo.width,
        height=photo.height,
    )


def _customer_label(services: Services, number: str) -> str:
    customer = services.store.get(Customer, number)
    name = customer.name if customer and not shared_numbers.is_shared(services, customer) else ""
    return name or f"the number ending {phone_numbers.last_digits(number)}"


def _signed_value(photo_id: str, size: str, until: str) -> bytes:
    return f"{photo_id} {size} {until}".encode()


def _signer(services: Services) -> Signer:
    return Signer(services.settings.signing_key, salt="a photo")
