"""What is over is kept for so long and no longer; what is open is never touched."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from ivr.domain.records.contact import Contact, ContactState, Outcome
from ivr.domain.records.contact_parts import AfterCall, Caller, LookupResult
from ivr.domain.records.customer import Case, Customer, Text, TextState
from ivr.domain.records.photo import Photo, PhotoState
from ivr.domain.records.promise import Promise, PromiseState
from ivr.services import Services, build_services
from ivr.settings import load_settings
from ivr.store import keys
from ivr.store.change import Change
from ivr.store.queries import due_index
from ivr.usecases.photos import fetch as photo_fetch
from ivr.usecases.privacy import retention
from ivr.usecases.scheduler import dispatch
from tests.conftest import MONDAY_TWO_PM
from tests.stories.people import LORI
from tests.telephony.emulated import SID, TOKEN, fresh, running
from tests.usecases.photos.pictures import picture

LINE = "+12025550100"
DAY = 86400.0
LONG_AGO, LATELY = MONDAY_TWO_PM - 100 * DAY, MONDAY_TWO_PM - 10 * DAY
KEPT = {
    "IVR_KEEP_TEXT_DAYS": "30",
    "IVR_KEEP_PHOTOS_DAYS": "60",
    "IVR_KEEP_TWILIO_DAYS": "30",
    "IVR_KEEP_EVENT_LOG_DAYS": "365",
}


@pytest.fixture(scope="module")
def twilio() -> Iterator[str]:
    with running() as url:
        yield url


@pytest.fixture
def services(at_rest: dict[str, str], twilio: str, tmp_path: Path) -> Iterator[Services]:
    env = {**at_rest, "TWILIO_ACCOUNT_SID": SID, "TWILIO_AUTH_TOKEN": TOKEN, "TWILIO_API_URL": twilio}
    folders = {"IVR_PHOTOS": str(tmp_path / "photos"), "IVR_EVENT_LOG_ARCHIVE": str(tmp_path / "archive")}
    services = build_services(load_settings({**env, **folders, **KEPT}))
    services.store.redis.flushall()
    services.store.redis.set(keys.MANUAL_CLOCK, f"{MONDAY_TWO_PM:.3f}")
    services.clock.sync()
    fresh(twilio)
    yield services
    services.store.redis.close()
    services.store.redis.connection_pool.disconnect()


def put(services: Services, at: float, *records: Any, open_: bool = False) -> None:
    change = Change(now=at)
    for record in records:
        new = change.put(None, record)
        if open_:
            change.schedule(new, MONDAY_TWO_PM + DAY)
    assert services.store.commit(change)


def matter(services: Services, n: str, at: float, *, state: PromiseState = PromiseState.KEPT) -> None:
    """A contact, its promise, its case with a note, a text and a photo; all of that time."""
    ended = 0.0 if state is PromiseState.MADE else at + 60
    talk = Contact(
        id=f"c{n}",
        state=ContactState.ENDED,
        outcome=Outcome.PROMISED,
        reason="a suitcase",
        promise=f"p{n}",
        case=f"k{n}",
        started_at=at,
        caller=Caller(number=LORI),
        lookup=LookupResult(facts="Order 4711 left"),
        after_call=AfterCall(comment="kind"),
    )
    owed = Promise(
        id=f"p{n}", customer=LORI, number=LORI, case=f"k{n}", reason="a suitcase", state=state, ended_at=ended
    )
    put(services, at, owed, open_=state is PromiseState.MADE)
    put(services, at, talk, Case(id=f"k{n}", customer=LORI, subject="a suitcase", opened_at=at))
    put(services, at, Text(id=f"t{n}", to=LORI, body="about a suitcase", state=TextState.SENT, created_at=at))
    put(
        services,
        at,
        Photo(
            id=f"f{n}", state=PhotoState.STORED, at_twilio=False, case=f"k{n}", customer=LORI, created_at=at
        ),
    )
    change = Change(now=at)
    change.append_command(
        "RPUSH", keys.case_thread(f"k{n}"), json.dumps({"at": at, "kind": "note", "words": "a suitcase"})
    )
    change.append_command("ZADD", keys.customer_photos(LORI), at, f"f{n}")
    assert services.store.commit(change)
    services.photo_storage.put(photo_fetch.file_name(f"f{n}", "large"), picture())


def words(services: Services, n: str) -> int:
    """In how many places of the matter something is said."""
    redis = services.store.redis
    said: list[Any] = [redis.hget(f"contact:c{n}", "reason"), redis.hget(f"promise:p{n}", "reason")]
    assert bool(said[0]) == bool(redis.hget(f"contact:c{n}", "lookup.facts"))
    said += [
        redis.hget(f"text:t{n}", "body"),
        redis.hget(f"case:k{n}", "subject"),
        redis.lrange(keys.case_thread(f"k{n}"), 0, -1),
    ]
    return sum(map(bool, said))


def test_what_is_old_and_over_loses_its_words_and_photos_and_stays_as_what_happened(
    services: Services,
) -> None:
    matter(services, "1", LONG_AGO)
    matter(services, "2", LATELY)
    put(services, LONG_AGO, Customer(id=LORI, name="Lori", last_at=LONG_AGO, last_note="a suitcase"))
    before = services.store.get(Promise, "p1")
    put(services, LONG_AGO, Promise(id="p6", reason="late", state=PromiseState.KEPT, ended_at=LATELY))
    put(
        services,
        LONG_AGO,
        Contact(id="c6", state=ContactState.ENDED, lookup=LookupResult(facts="Order 4711 left")),
    )
    expected = {
        "words of contacts": 2,
        "reasons of promises": 1,
        "bodies of texts": 1,
        "threads of cases": 1,
        "last notes of customers": 1,
        "photos": 1,
    }
    assert retention.preview_retention(services) == expected
    assert words(services, "1") == 5, "it was only counted"
    dispatch.process_due(services, "retention:")
    assert (words(services, "1"), words(services, "2")) == (0, 5)
    assert [p.id for p in services.store.list_all(Photo)] == ["f2"]
    after = services.store.get(Promise, "p1")
    assert before is not None
    assert after == replace(before, reason="", version=before.version + 1)
    lori = services.store.get(Customer, LORI)
    assert lori is not None
    assert (lori.name, lori.last_note) == ("Lori", "")
    assert retention.get_erased_totals(services) == expected
    dispatch.process_due(services, "retention:")
    assert retention.get_erased_totals(services) == expected, "nothing is left to erase"


def test_nothing_that_is_open_is_touched(services: Services) -> None:
    matter(services, "3", LONG_AGO, state=PromiseState.MADE)
    put(services, LONG_AGO, Text(id="t4", to=LORI, body="soon", created_at=LONG_AGO), open_=True)
    dispatch.process_due(services, "retention:")
    assert words(services, "3") == 4, "its text has been sent long ago"
    assert [p.id for p in services.store.list_all(Photo)] == ["f3"]
    unsent = services.store.get(Text, "t4")
    assert unsent is not None
    assert unsent.body == "soon"
    assert {"promise:p3", "text:t4"} <= services.store.read(due_index.list_scheduled())


def test_page_after_page_and_what_is_much_goes_on_at_the_next_bell(
    services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retention, "PAGE_SIZE", 3)
    for n in range(10):
        put(
            services,
            LONG_AGO,
            Text(id=f"t{n}", to=LORI, body="words", state=TextState.SENT, created_at=LONG_AGO),
        )
    places = list(retention.run_steps(retention.RetentionRun(services=services)))
    assert places == ["text:3", "text:6", "text:9"]
    assert [t.body for t in services.store.list_all(Text)] == [""] * 10


def test_what_is_old_at_twilio_is_deleted_there(services: Services, twilio: str) -> None:
    emulator = fresh(twilio)
    emulator.ask("POST", "/emulator/texts", **{"from": LORI, "to": LINE, "body": "a suitcase"})
    assert len(services.telephony.list_texts_with(LORI)) == 1
    now = float(services.telephony.list_texts_with(LORI)[0].created.timestamp())
    services.store.redis.set(keys.MANUAL_CLOCK, f"{now + 29 * DAY:.3f}")
    dispatch.process_due(services, "retention:texts:0")
    assert len(services.telephony.list_texts_with(LORI)) == 1
    services.store.redis.set(keys.MANUAL_CLOCK, f"{now + 32 * DAY:.3f}")
    dispatch.process_due(services, "retention:texts:0")
    assert services.telephony.list_texts_with(LORI) == []


def test_archived_months_go_with_their_checksums(services: Services) -> None:
    folder = services.settings.event_log_archive
    folder.mkdir()
    for month in ("2025-10", "2025-12"):
        for name in (f"event-log-{month}.jsonl.gz", f"event-log-{month}.jsonl.gz.sha256"):
            (folder / name).write_text("")
    dispatch.process_due(services, "retention:event_log:0")
    assert sorted(p.name for p in folder.iterdir()) == [
        "event-log-2025-12.jsonl.gz",
        "event-log-2025-12.jsonl.gz.sha256",
    ]


def test_for_ever_unless_it_is_said(at_rest: dict[str, str], still: Services) -> None:
    matter(still, "5", LONG_AGO)
    assert retention.preview_retention(still) == {}
    dispatch.process_due(still, "retention:")
    assert words(still, "5") == 5
