"""What is over is kept for so long and no longer; what is open is never touched."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from ivr.domain.records.contact import Contact, ContactState, Outcome
from ivr.domain.records.customer import Case, Customer, Text, TextState
from ivr.domain.records.photo import Photo, PhotoState
from ivr.domain.records.promise import Promise, PromiseState
from ivr.services import Services, build
from ivr.settings import load
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
def s(at_rest: dict[str, str], twilio: str, tmp_path: Path) -> Iterator[Services]:
    env = {**at_rest, "TWILIO_ACCOUNT_SID": SID, "TWILIO_AUTH_TOKEN": TOKEN, "TWILIO_API_URL": twilio}
    folders = {"IVR_PHOTOS": str(tmp_path / "photos"), "IVR_EVENT_LOG_ARCHIVE": str(tmp_path / "archive")}
    services = build(load({**env, **folders, **KEPT}))
    services.store.redis.flushall()
    services.store.redis.set(keys.CLOCK, f"{MONDAY_TWO_PM:.3f}")
    services.clock.follow()
    fresh(twilio)
    yield services
    services.store.redis.close()
    services.store.redis.connection_pool.disconnect()


def put(s: Services, at: float, *records: Any, open_: bool = False) -> None:
    change = Change(now=at)
    for record in records:
        new = change.put(None, record)
        if open_:
            change.wake(new, MONDAY_TWO_PM + DAY)
    assert s.store.commit(change)


def matter(s: Services, n: str, at: float, *, state: PromiseState = PromiseState.KEPT) -> None:
    """A contact, its promise, its case with a note, a text and a photo; all of that time."""
    ended = 0.0 if state is PromiseState.MADE else at + 60
    talk = Contact(
        id=f"c{n}",
        number=LORI,
        state=ContactState.ENDED,
        outcome=Outcome.PROMISED,
        reason="a suitcase",
        facts="Order 4711 left",
        comment="kind",
        promise=f"p{n}",
        case=f"k{n}",
        opened=at,
    )
    owed = Promise(
        id=f"p{n}", customer=LORI, number=LORI, case=f"k{n}", reason="a suitcase", state=state, ended=ended
    )
    put(s, at, owed, open_=state is PromiseState.MADE)
    put(s, at, talk, Case(id=f"k{n}", customer=LORI, subject="a suitcase", opened=at))
    put(s, at, Text(id=f"t{n}", to=LORI, body="about a suitcase", state=TextState.SENT, made=at))
    put(s, at, Photo(id=f"f{n}", state=PhotoState.KEPT, there=False, case=f"k{n}", customer=LORI, made=at))
    change = Change(now=at)
    change.op("RPUSH", keys.thread(f"k{n}"), json.dumps({"at": at, "kind": "note", "words": "a suitcase"}))
    change.op("ZADD", keys.photos_of(LORI), at, f"f{n}")
    assert s.store.commit(change)
    s.album.put(photo_fetch.file(f"f{n}", "large"), picture())


def words(s: Services, n: str) -> int:
    """In how many places of the matter something is said."""
    redis = s.store.redis
    said: list[Any] = [redis.hget(f"contact:c{n}", "reason"), redis.hget(f"promise:p{n}", "reason")]
    assert bool(said[0]) == bool(redis.hget(f"contact:c{n}", "facts"))
    said += [
        redis.hget(f"text:t{n}", "body"),
        redis.hget(f"case:k{n}", "subject"),
        redis.lrange(keys.thread(f"k{n}"), 0, -1),
    ]
    return sum(map(bool, said))


def test_what_is_old_and_over_loses_its_words_and_photos_and_stays_as_what_happened(s: Services) -> None:
    matter(s, "1", LONG_AGO)
    matter(s, "2", LATELY)
    put(s, LONG_AGO, Customer(id=LORI, name="Lori", last_at=LONG_AGO, last_note="a suitcase"))
    before = s.store.get(Promise, "p1")
    put(s, LONG_AGO, Promise(id="p6", reason="late", state=PromiseState.KEPT, ended=LATELY))
    put(s, LONG_AGO, Contact(id="c6", state=ContactState.ENDED, facts="Order 4711 left"))
    expected = {
        "words of contacts": 2,
        "reasons of promises": 1,
        "bodies of texts": 1,
        "threads of cases": 1,
        "last notes of customers": 1,
        "photos": 1,
    }
    assert retention.preview(s) == expected
    assert words(s, "1") == 5, "it was only counted"
    dispatch.look(s, "retention:")
    assert (words(s, "1"), words(s, "2")) == (0, 5)
    assert [p.id for p in s.store.everyone(Photo)] == ["f2"]
    after = s.store.get(Promise, "p1")
    assert before is not None
    assert after == replace(before, reason="", rev=before.rev + 1)
    lori = s.store.get(Customer, LORI)
    assert lori is not None
    assert (lori.name, lori.last_note) == ("Lori", "")
    assert retention.erased(s) == expected
    dispatch.look(s, "retention:")
    assert retention.erased(s) == expected, "nothing is left to erase"


def test_nothing_that_is_open_is_touched(s: Services) -> None:
    matter(s, "3", LONG_AGO, state=PromiseState.MADE)
    put(s, LONG_AGO, Text(id="t4", to=LORI, body="soon", made=LONG_AGO), open_=True)
    dispatch.look(s, "retention:")
    assert words(s, "3") == 4, "its text has been sent long ago"
    assert [p.id for p in s.store.everyone(Photo)] == ["f3"]
    unsent = s.store.get(Text, "t4")
    assert unsent is not None
    assert unsent.body == "soon"
    assert {"promise:p3", "text:t4"} <= due_index.owed(s.store)


def test_page_after_page_and_what_is_much_goes_on_at_the_next_bell(
    s: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retention, "PAGE", 3)
    for n in range(10):
        put(s, LONG_AGO, Text(id=f"t{n}", to=LORI, body="words", state=TextState.SENT, made=LONG_AGO))
    places = list(retention.steps(retention.Sweep(s=s)))
    assert places == ["text:3", "text:6", "text:9"]
    assert [t.body for t in s.store.everyone(Text)] == [""] * 10


def test_what_is_old_at_twilio_is_deleted_there(s: Services, twilio: str) -> None:
    emulator = fresh(twilio)
    emulator.ask("POST", "/emulator/texts", **{"from": LORI, "to": LINE, "body": "a suitcase"})
    assert len(s.telephony.texts_with(LORI)) == 1
    now = float(s.telephony.texts_with(LORI)[0].created.timestamp())
    s.store.redis.set(keys.CLOCK, f"{now + 29 * DAY:.3f}")
    dispatch.look(s, "retention:texts:0")
    assert len(s.telephony.texts_with(LORI)) == 1
    s.store.redis.set(keys.CLOCK, f"{now + 32 * DAY:.3f}")
    dispatch.look(s, "retention:texts:0")
    assert s.telephony.texts_with(LORI) == []


def test_archived_months_go_with_their_checksums(s: Services) -> None:
    folder = s.settings.archive
    folder.mkdir()
    for month in ("2025-10", "2025-12"):
        for name in (f"event-log-{month}.jsonl.gz", f"event-log-{month}.jsonl.gz.sha256"):
            (folder / name).write_text("")
    dispatch.look(s, "retention:event_log:0")
    assert sorted(p.name for p in folder.iterdir()) == [
        "event-log-2025-12.jsonl.gz",
        "event-log-2025-12.jsonl.gz.sha256",
    ]


def test_for_ever_unless_it_is_said(at_rest: dict[str, str], still: Services) -> None:
    matter(still, "5", LONG_AGO)
    assert retention.preview(still) == {}
    dispatch.look(still, "retention:")
    assert words(still, "5") == 5
