"""A backup as an operator makes, checks and restores it, with a real server."""

from __future__ import annotations

import json
import tarfile
from io import BytesIO
from pathlib import Path

import pytest
from redis import Redis

from ivr.cli.serve.embedded_redis import EmbeddedRedis
from ivr.domain.records.quarantine import QUARANTINE_KEY
from ivr.store import keys
from ivr.store.server import fitness
from tests.cli.conftest import Run
from tests.cli.data.private_server import serving


@pytest.fixture
def full(record: EmbeddedRedis) -> EmbeddedRedis:
    """A record with something in it."""
    with Redis.from_url(record.url) as redis:
        for n in range(3):
            redis.hset(f"promise:p{n}", mapping={"state": "made" if n else "kept", "id": f"p{n}"})
            redis.zadd(keys.created_index("promise"), {f"p{n}": n})
        redis.zadd(keys.DUE, {"promise:p1": 1.0, "promise:p2": 2.0})
        redis.xadd(keys.EVENT_LOG, {"event": "promised", "at": "1"})
        redis.set("leg:CA1", "promise:p1", ex=1000)
    return record


@pytest.fixture
def env(full: EmbeddedRedis) -> dict[str, str]:
    return {
        "TWILIO_ACCOUNT_SID": "AC" + "0" * 32,
        "TWILIO_AUTH_TOKEN": "x",
        "PUBLIC_URL": "https://line.example.com",
        "REDIS_URL": full.url,
    }


def test_what_was_backed_up_is_there_again_safe_and_in_quarantine(
    env: dict[str, str], full: EmbeddedRedis, ivr: Run, tmp_path: Path
) -> None:
    made = ivr("backup", "b/monday.calor", **env)
    assert made.returncode == 0, made.stderr
    assert "3 promise, 2 open promises, 1 event log entries, as it should be" in made.stdout
    assert (tmp_path / "b" / "monday.calor").stat().st_mode & 0o077 == 0
    assert [p.name for p in (tmp_path / "b").iterdir()] == ["monday.calor"]
    assert not (full.folder / "dump.rdb").exists(), "no second copy of the record is left lying"
    assert ivr("backup", "check", "b/monday.calor").returncode == 0

    back = ivr("restore", "b/monday.calor", "--dir", "new/redis")
    assert back.returncode == 0, back.stderr
    assert sorted(p.name for p in (tmp_path / "new").iterdir()) == ["redis"]
    with serving(EmbeddedRedis(folder=tmp_path / "new" / "redis")) as redis:
        assert fitness.examine(redis)[1] == []
        assert redis.hget("promise:p1", "state") == "made"
        assert redis.zscore(keys.DUE, QUARANTINE_KEY) is not None
        assert float(redis.hget(QUARANTINE_KEY, "record_from") or 0) > 1e9


def test_a_record_is_never_restored_over_another(env: dict[str, str], full: EmbeddedRedis, ivr: Run) -> None:
    ivr("backup", "b", **env)
    refused = ivr("restore", "b", "--dir", str(full.folder))
    assert refused.returncode == 2
    assert "is not empty" in refused.stderr
    assert "Traceback" not in refused.stderr
    again = ivr("backup", "b", **env)
    assert again.returncode == 2
    assert "is there already" in again.stderr


def test_a_record_that_a_provider_restored_is_put_into_quarantine_by_hand_and_lifted_by_a_named_person(
    env: dict[str, str], ivr: Run
) -> None:
    env |= {"IVR_FLOWS": str(Path(__file__).parents[3] / "flows")}
    assert ivr("quarantine", "show", **env).stdout == "No quarantine: callbacks and texts go on.\n"
    assert (
        "say the time zone too" in ivr("quarantine", "begin", "--since", "2026-11-22T09:30:00", **env).stderr
    )
    begun = ivr("quarantine", "begin", "--since", "2026-11-22T09:30:00Z", **env)
    assert begun.returncode == 0, begun.stderr
    shown = ivr("quarantine", "show", **env)
    assert shown.returncode == 1, "for a monitor"
    assert "The record is of 2026-11-22 09:30:00 UTC: asked for by an operator." in shown.stdout
    early = ivr("quarantine", "lift", **env)
    assert early.returncode == 2
    assert "Twilio has not been asked about everything yet" in early.stderr
    assert "Traceback" not in early.stderr
    assert "Lifted by Vicki." in ivr("quarantine", "lift", "--force", "--by", "Vicki", **env).stdout
    assert ivr("quarantine", "show", **env).returncode == 0


def changed(file: Path, *, at: int) -> None:
    content = bytearray(file.read_bytes())
    content[at] ^= 0xFF
    file.write_bytes(content)


def said_otherwise(file: Path) -> None:
    """A manifest that promises more than there is."""
    with tarfile.open(file) as tar:
        members = {m.name: (tar.extractfile(m) or BytesIO()).read() for m in tar.getmembers()}
    told = json.loads(members["manifest.json"])
    told["counts"]["promise"] += 1
    members["manifest.json"] = json.dumps(told).encode()
    with tarfile.open(file, "w") as tar:
        for name, content in members.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(content)
            tar.addfile(entry, BytesIO(content))


def test_a_file_that_is_not_what_it_was_is_not_restored(
    env: dict[str, str], ivr: Run, tmp_path: Path
) -> None:
    ivr("backup", "b", **env)
    whole = (tmp_path / "b").read_bytes()
    place = whole.index(b"REDIS") if b"REDIS" in whole else whole.index(b"VALKEY")
    changed(tmp_path / "b", at=place + 40)
    for command in (["backup", "check", "b"], ["restore", "b", "--dir", "new"]):
        refused = ivr(*command)
        assert refused.returncode == 2
        assert "its checksum is not the one it was made with" in refused.stderr
    (tmp_path / "b").write_bytes(whole[: place + 50])
    assert "is no backup, or only a part of one" in ivr("backup", "check", "b").stderr
    (tmp_path / "b").write_bytes(whole)
    said_otherwise(tmp_path / "b")
    assert "3 promise instead of 4" in ivr("backup", "check", "b").stderr
    assert "cannot be read" in ivr("backup", "check", "nothing").stderr
    assert sorted(p.name for p in tmp_path.iterdir() if p.name.startswith((".calor", "new"))) == []
