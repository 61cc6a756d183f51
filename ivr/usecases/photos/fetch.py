"""A worker looks at a photo: it is fetched, made plain, stored, deleted at Twilio. Whatever is away, it is tried again.

Its files have its own name, so that whoever dies between storing and writing that down has stored it once all the same.
"""

from __future__ import annotations

from dataclasses import replace

import structlog

from ivr.domain.errors import PhotoStorageUnavailable, TelephonyError, UnusablePhoto
from ivr.domain.records.customer import Case, Customer
from ivr.domain.records.photo import Photo, PhotoRejection, PhotoState, retry_delay_seconds
from ivr.domain.rules import image
from ivr.services import Services
from ivr.store.change import Change
from ivr.store.queries import photos, texts
from ivr.store.query import combine
from ivr.usecases.dialing import permissions
from ivr.usecases.photos import receive as photo_receive
from ivr.usecases.texting import send as texting_send

log = structlog.get_logger()

LEASE_SECONDS = 60.0  # seconds in which whoever has begun is left to it
NOT_FOUND_GRACE_SECONDS = 600.0  # seconds for which "not there" may mean "not there yet"
SAME_TEXT_INTERVAL_SECONDS = 3600  # seconds in which a customer is told the same thing once
LARGE, SMALL = "large", "small"


def file_name(photo_id: str, size: str) -> str:
    """Its name in the photo storage. `size`: LARGE or SMALL."""
    return f"{photo_id}.{size}.jpg"


def process_due(services: Services, photo_id: str) -> bool:
    """False when nothing is to be done any more."""
    photo = services.store.get(Photo, photo_id)
    if photo is None:
        return False
    if photo.state is PhotoState.PENDING:
        _fetch_photo(services, photo)
        return True
    if photo.state is PhotoState.TO_ERASE:
        _erase(services, photo)
        return True
    if photo.at_twilio and services.settings.photos_delete_at_twilio:
        _delete_at_twilio(services, photo)
        return True
    return False


def _fetch_photo(services: Services, photo: Photo) -> None:
    change = services.store.begin()
    begun = change.put(photo, replace(photo, attempts=photo.attempts + 1))
    change.schedule(begun, change.now + LEASE_SECONDS)
    if not services.store.commit(change):
        return
    try:
        found = image.reencode(services.media.fetch(photo.message_sid, photo.media_sid))
        services.photo_storage.put(file_name(photo.id, LARGE), found.large)
        services.photo_storage.put(file_name(photo.id, SMALL), found.small)
    except UnusablePhoto as e:
        _store_result(
            services,
            replace(begun, state=PhotoState.REJECTED, rejection=PhotoRejection(e.rejection)),
            "text.photo_unread",
        )
    except TelephonyError as e:
        if e.status == 404 and services.clock.now() > photo.created_at + NOT_FOUND_GRACE_SECONDS:
            gone = replace(
                begun, state=PhotoState.REJECTED, rejection=PhotoRejection.GONE_AT_TWILIO, at_twilio=False
            )
            _store_result(services, gone, "text.photo_unread")
        else:
            _retry_later(services, begun, e)
    except PhotoStorageUnavailable as e:
        _retry_later(services, begun, e)
    else:
        kept = replace(begun, state=PhotoState.STORED, width=found.width, height=found.height)
        if not _store_result(services, kept, "text.photo_kept"):
            _delete_if_unwanted(services, photo.id)


def _store_result(services: Services, result: Photo, text_key: str) -> bool:
    """What became of it, and a text about it. False when somebody has decided otherwise meanwhile."""
    for change in services.store.transact():
        now = services.store.get(Photo, result.id)
        if now is None or now.version != result.version:
            return False
        new = change.put(now, result)
        _text_customer(services, new, text_key, change)
        if new.at_twilio and services.settings.photos_delete_at_twilio:
            change.schedule(new, change.now)
        else:
            change.unschedule(new)
        change.touch_topic(f"{Case.record_type}:{new.case}")
        photo_receive.touch_desk(new.new_for_agent, change)
        change.log_event(
            f"photo {new.state}", photo=new.id, case=new.case, why=str(new.rejection).replace(" ", "_")
        )
    return True


def _delete_if_unwanted(services: Services, photo_id: str) -> None:
    """It was erased while it was being stored."""
    now = services.store.get(Photo, photo_id)
    if now is None or now.state is PhotoState.TO_ERASE:
        for size in (LARGE, SMALL):
            services.photo_storage.delete(file_name(photo_id, size))


def _delete_at_twilio(services: Services, photo: Photo) -> None:
    """Nothing of a customer's stays at Twilio for longer than it must."""
    try:
        services.media.delete(photo.message_sid, photo.media_sid)
    except TelephonyError as e:
        change = services.store.begin()
        tried = change.put(photo, replace(photo, attempts=photo.attempts + 1))
        if services.store.commit(change):
            _retry_later(services, tried, e)
        return
    change = services.store.begin()
    change.unschedule(change.put(photo, replace(photo, at_twilio=False)))
    services.store.commit_best_effort(change)


def _erase(services: Services, photo: Photo) -> None:
    """First all that it is, then that there was one."""
    try:
        for size in (LARGE, SMALL):
            services.photo_storage.delete(file_name(photo.id, size))
        if photo.at_twilio:
            services.media.delete(photo.message_sid, photo.media_sid)
    except (PhotoStorageUnavailable, TelephonyError) as e:
        change = services.store.begin()
        tried = change.put(photo, replace(photo, attempts=photo.attempts + 1))
        if services.store.commit(change):
            _retry_later(services, tried, e)
        return
    change = services.store.begin()
    change.expect(photo)
    photos.delete(photo, change)
    change.unschedule(photo)
    change.touch_topic(f"{Case.record_type}:{photo.case}")
    services.store.commit_best_effort(change)


def _retry_later(services: Services, photo: Photo, error: Exception) -> None:
    log.warning("photo_fetch_delayed", photo=photo.id, attempts=photo.attempts, why=str(error))
    change = services.store.begin()
    change.expect(photo)
    change.schedule(photo, change.now + retry_delay_seconds(photo.attempts))
    services.store.commit_best_effort(change)


def _text_customer(services: Services, photo: Photo, text_key: str, change: Change) -> None:
    """Several pictures, or several that cannot be read, are one text."""
    already, no = services.store.read(
        combine(
            texts.was_sent_lately(text_key, photo.customer),
            texts.get_reply_meaning(photo.customer, photo.our_number),
        )
    )
    customer = services.store.get(Customer, photo.customer)
    if already or customer is None or customer.no_texts:
        return
    if not permissions.is_dialable(
        services, photo.customer, called_number=photo.our_number
    ):  # texts abroad cost as calls do
        return
    texts.claim_sending(text_key, photo.customer, photo.id, change, ttl_seconds=SAME_TEXT_INTERVAL_SECONDS)
    language = customer.language or services.library.get_flow_for_number(photo.our_number).languages[0]
    texting_send.create_text(
        services,
        to=photo.customer,
        our_number=photo.our_number,
        body=services.library.get_phrasebook(language).text(text_key),
        about=f"{Case.record_type}:{photo.case}",
        change=change,
        declinable_promise=no or "",  # it asks nothing: what a NO means stays as it was
    )
