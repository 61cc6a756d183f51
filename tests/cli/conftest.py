"""A real record for whoever asks for one, and the command as an operator runs it."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from ivr.cli.serve.embedded_redis import EmbeddedRedis
from tests.cli.patience import eventually, pings
from tests.cli.typed import Done, started, typed
from tests.telephony.emulated import running

Run = Callable[..., Done]


@pytest.fixture
def record(tmp_path: Path) -> Iterator[EmbeddedRedis]:
    server = EmbeddedRedis(folder=tmp_path / "r")
    held = server.lock()
    with subprocess.Popen(server.argv(), stdout=subprocess.DEVNULL, pass_fds=[held]) as process:
        os.close(held)
        eventually(pings(server.url))
        yield server
        process.terminate()


@pytest.fixture(scope="session")
def twilio() -> Iterator[str]:
    """The address of an emulated Twilio."""
    with running() as url:
        yield url


def alone(folder: Path) -> dict[str, str]:
    """An environment in which nothing is set."""
    return {"PATH": "/usr/bin:/bin", "HOME": str(folder)}


@pytest.fixture
def ivr(tmp_path: Path) -> Run:
    """`ivr ARGS`, with nothing in the environment but what is given."""
    return lambda *argv, **env: typed(argv, {**alone(tmp_path), **env}, tmp_path)


@pytest.fixture
def ivr_process(tmp_path: Path) -> Run:
    """The same as a process of its own."""
    return lambda *argv, **env: started(argv, {**alone(tmp_path), **env}, tmp_path)
