"""Months of the journal that have ended go to files, whole and checked, and only then out of Redis."""

from __future__ import annotations

import gzip
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from ivr.cli.demo.stage import Stage
from ivr.domain.rules.event_log_fold import LogEntry
from ivr.services import Services
from ivr.store import keys
from ivr.store.queries import event_log, event_log_archive
from ivr.usecases.event_log.archive import archive_months
from tests.cli.patience import eventually


def this_month(services: Services) -> float:
    """Its beginning."""
    return _first(datetime.fromtimestamp(services.clock.now(), UTC)).timestamp()


def last_month(services: Services) -> float:
    """Some days after its beginning."""
    ended = datetime.fromtimestamp(this_month(services), UTC) - timedelta(days=1)
    return (_first(ended) + timedelta(days=4)).timestamp()


def _first(at: datetime) -> datetime:
    return at.replace(day=1, hour=0, minute=0, second=0, microsecond=0)


def _name(services: Services) -> str:
    return f"{datetime.fromtimestamp(last_month(services), UTC):%Y-%m}"


@pytest.fixture
def services(stage: Stage) -> Services:
    """It is the tenth. The journal of the month before and of a day of this one; the running reconciler has been at it today."""
    s = stage.services
    coming = _first(datetime.fromtimestamp(stage.now, UTC)) + timedelta(days=40)
    stage._move_clocks((_first(coming) + timedelta(days=9, hours=19)).timestamp())  # noqa: SLF001 - nothing else happens until then
    s.store.redis.set(keys.archiving(stage.now // 86400), "1")
    stage.play(1)
    s.clock.sync()
    pipe: Any = s.store.redis.pipeline(transaction=False)
    for n in range(2500):
        _told(pipe, last_month(s) + n * 800, n)
    for n in range(20):
        _told(pipe, this_month(s) + n * 3600, 2500 + n)
    pipe.execute()
    return s


def _told(redis: Any, at: float, n: int) -> None:
    told = {"event": "ended", "at": f"{at:.3f}", "contact": f"c{n}", "outcome": "helped"}
    redis.xadd(keys.EVENT_LOG, told, id=f"{int(at * 1000)}-{n}")


def everything(services: Services, folder: Path) -> list[LogEntry]:
    kept = list(event_log_archive.iterate_entries(folder))
    return [
        *kept,
        *(e for page in event_log.iterate_pages(services.store) for e in page if e.event != "archived"),
    ]


def test_a_month_that_has_ended_is_in_a_file_and_not_in_redis_and_nothing_is_missing(
    services: Services, tmp_path: Path
) -> None:
    before = everything(services, tmp_path)
    (kept,) = [one for one in archive_months(services, tmp_path) if one]
    assert kept.path.name == f"event-log-{_name(services)}.jsonl.gz"
    assert everything(services, tmp_path) == before
    inside = len(list(event_log_archive.iterate_entries(tmp_path)))
    assert inside == kept.entries
    (first,) = next(iter(event_log.iterate_pages(services.store, page_size=1)))
    assert first.at == this_month(services)
    (told,) = [e for page in event_log.iterate_pages(services.store) for e in page if e.event == "archived"]
    assert (told.get("month"), told.get("sha256")) == (_name(services), kept.sha256)
    summed = subprocess.run(
        ["/usr/bin/sha256sum", "-c", f"{kept.path.name}.sha256"],
        cwd=tmp_path,
        capture_output=True,
        check=False,
    )
    assert summed.returncode == 0
    assert list(archive_months(services, tmp_path)) == [], "this month goes on"
    assert sorted(p.suffix for p in tmp_path.iterdir()) == [".gz", ".sha256"]


def test_a_month_stays_while_something_is_open_that_began_before_its_end(
    services: Services, tmp_path: Path
) -> None:
    redis = services.store.redis
    redis.hset(
        "promise:old",
        mapping={
            "id": "old",
            "created_at": str(this_month(services) - 60),
            "not_before": str(this_month(services) + 9e6),
        },
    )
    redis.zadd(keys.DUE, {"promise:old": this_month(services) + 9e6})
    assert list(archive_months(services, tmp_path)) == []
    redis.hset("promise:old", "created_at", str(this_month(services) + 60))
    assert [one for one in archive_months(services, tmp_path) if one]


def test_who_is_stopped_half_way_has_taken_nothing_out_and_begins_anew(
    services: Services, tmp_path: Path
) -> None:
    before = everything(services, tmp_path)
    half = archive_months(services, tmp_path)
    next(half)
    half.close()  # type: ignore[attr-defined] # a generator
    assert list(tmp_path.iterdir()) == []
    kept = [one for one in archive_months(services, tmp_path) if one]
    assert everything(services, tmp_path) == before
    assert len(kept) == 1


def test_a_damaged_file_is_known_for_it(services: Services, tmp_path: Path) -> None:
    (kept,) = [one for one in archive_months(services, tmp_path) if one]
    content = gzip.decompress(kept.path.read_bytes())
    kept.path.write_bytes(gzip.compress(content.replace(b"c7", b"c8", 1)))
    with pytest.raises(event_log_archive.ArchiveDamaged, match="checksum"):
        event_log_archive.verify_file(kept.path)


def test_a_month_that_a_restored_record_has_again_is_kept_beside_the_first_and_read_once(
    services: Services, tmp_path: Path
) -> None:
    before = everything(services, tmp_path)
    assert [one for one in archive_months(services, tmp_path) if one]
    services.store.redis.delete(keys.EVENT_LOG)
    for n in range(100):
        _told(services.store.redis, last_month(services) + n * 800, n)
    assert [one.path.name for one in archive_months(services, tmp_path) if one] == [
        f"event-log-{_name(services)}.2.jsonl.gz"
    ]
    assert [e for e in everything(services, tmp_path) if e.at < this_month(services)] == [
        e for e in before if e.at < this_month(services)
    ]


def test_the_reconciler_does_it_once_a_day(stage: Stage, services: Services) -> None:
    stage._move_clocks(stage.now + 86400)  # noqa: SLF001 - nothing else happens on that day

    def archived_counts() -> list[int]:
        return [
            int(e.get("entries"))
            for page in event_log.iterate_pages(services.store)
            for e in page
            if e.event == "archived"
        ]

    eventually(lambda: bool(archived_counts()))  # once the file is there
    (path,) = event_log_archive.list_files(stage.settings.event_log_archive)
    assert event_log_archive.verify_file(path).entries == archived_counts()[0]
