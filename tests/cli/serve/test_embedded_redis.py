"""The embedded record: the real server, killed for real."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest
from redis import Redis

from ivr.cli.serve.embedded_redis import EmbeddedRedis
from ivr.cli.serve.supervisor import Supervisor
from ivr.cli.serve.up import add_redis
from ivr.domain.errors import BadSetting
from ivr.store.server import fitness
from tests.cli.conftest import Run
from tests.cli.patience import eventually, pings


def test_what_was_acknowledged_is_there_after_a_kill(tmp_path: Path) -> None:
    with Supervisor() as line:
        url = add_redis(line, EmbeddedRedis(folder=tmp_path / "r"))
        line.start()
        with Redis.from_url(url) as redis:
            redis.set("promise:1", "made")
        os.kill(line.pid("redis"), 9)
        eventually(lambda: line.start_count("redis") == 2 and pings(url)())
        with Redis.from_url(url, decode_responses=True) as redis:
            assert redis.get("promise:1") == "made"


def test_it_is_fit_to_hold_promises(record: EmbeddedRedis) -> None:
    with Redis.from_url(record.url, decode_responses=True) as redis:
        server, faults = fitness.examine(redis)
        assert server.startswith("Valkey ")
        assert faults == []
        assert int(redis.info("memory")["maxmemory"]) > 0


def test_one_folder_has_one_server(record: EmbeddedRedis, ivr_process: Run) -> None:
    second = ivr_process("redis", "--dir", str(record.folder))
    assert second.returncode == 2
    assert (
        second.stderr
        == f"Another server has the data in {record.folder}: stop it, or choose another folder.\n"
    )


def test_the_lock_goes_with_the_server(tmp_path: Path) -> None:
    server = EmbeddedRedis(folder=tmp_path / "r")
    held = server.lock()
    with subprocess.Popen(server.argv(), stdout=subprocess.DEVNULL, pass_fds=[held]) as process:
        os.close(held)
        eventually(pings(server.url))
        with pytest.raises(BadSetting):
            server.lock()
        process.kill()
    os.close(server.lock())


def test_a_path_too_long_for_a_socket_is_said_in_words(tmp_path: Path) -> None:
    with pytest.raises(BadSetting, match="shorter path"):
        EmbeddedRedis(folder=tmp_path / ("x" * 100)).lock()


def test_only_its_owner_may_use_it(record: EmbeddedRedis) -> None:
    assert record.socket.stat().st_mode & 0o077 == 0
    assert record.folder.stat().st_mode & 0o077 == 0


@pytest.mark.parametrize(
    ("setting", "value", "fix"),
    [
        ("appendonly", "no", "Set `appendonly yes`"),
        ("appendfsync", "everysec", "IVR_ACCEPT_ONE_SECOND_LOSS=1"),
        ("maxmemory-policy", "allkeys-lru", "Set `maxmemory-policy noeviction`"),
    ],
)
def test_a_record_that_could_lose_promises_is_refused_with_the_fix(
    record: EmbeddedRedis, setting: str, value: str, fix: str
) -> None:
    with Redis.from_url(record.url, decode_responses=True) as redis:
        redis.config_set(setting, value)
        with pytest.raises(BadSetting, match=fix):
            fitness.require_fit(redis, accept_one_second_loss=False)


def test_the_loss_of_a_second_can_be_accepted_and_nothing_more(record: EmbeddedRedis) -> None:
    with Redis.from_url(record.url, decode_responses=True) as redis:
        redis.config_set("appendfsync", "everysec")
        fitness.require_fit(redis, accept_one_second_loss=True)
        redis.config_set("maxmemory-policy", "allkeys-lru")
        with pytest.raises(BadSetting, match="noeviction"):
            fitness.require_fit(redis, accept_one_second_loss=True)


def test_memory_that_fills_up_is_a_warning(record: EmbeddedRedis) -> None:
    with Redis.from_url(record.url, decode_responses=True) as redis:
        used = int(redis.info("memory")["used_memory"])
        redis.config_set("maxmemory", int(used * 1.1))
        fitness.require_fit(redis, accept_one_second_loss=False)
        (fault,) = fitness.examine(redis)[1]
    assert "of its memory in use" in fault.problem
    assert not fault.is_fatal


def test_a_disk_that_fills_up_is_a_warning_in_figures(record: EmbeddedRedis) -> None:
    with Redis.from_url(record.url, decode_responses=True) as redis:
        faults = fitness.examine(redis, full_share=0.0)[1]
    (disk,) = [f for f in faults if f.name == "disk"]
    assert "% of its disk in use" in disk.problem
    assert str(record.folder) in disk.problem
    assert not disk.is_fatal


def test_a_replica_is_refused(record: EmbeddedRedis) -> None:
    with Redis.from_url(record.url, decode_responses=True) as redis:
        redis.execute_command("REPLICAOF", "127.0.0.1", "1")
        with pytest.raises(BadSetting, match="Give the address of the primary"):
            fitness.require_fit(redis, accept_one_second_loss=True)


@pytest.mark.parametrize("command", [["web"], ["worker", "callbacks"], ["scheduler"]])
def test_no_process_starts_on_a_record_that_could_lose_promises(
    record: EmbeddedRedis, ivr_process: Run, command: list[str]
) -> None:
    with Redis.from_url(record.url) as redis:
        redis.config_set("appendfsync", "everysec")
    refused = ivr_process(
        *command,
        TWILIO_ACCOUNT_SID="AC" + "0" * 32,
        TWILIO_AUTH_TOKEN="x",
        TWILIO_API_URL="http://127.0.0.1:9",
        PUBLIC_URL="http://127.0.0.1:8000",
        REDIS_URL=record.url,
    )
    assert refused.returncode == 2
    assert "can lose its last second" in refused.stderr
    assert "Traceback" not in refused.stderr
