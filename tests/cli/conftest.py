"""A real record for whoever asks for one, and the command as an operator runs it."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from ivr.cli.embedded import Embedded
from ivr.cli.up import pings
from tests.cli.patience import eventually
from tests.telephony.emulated import running

Run = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def record(tmp_path: Path) -> Iterator[Embedded]:
    server = Embedded(folder=tmp_path / "r")
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


@pytest.fixture
def ivr(tmp_path: Path) -> Run:
    """`ivr ARGS`, with nothing in the environment but what is given."""

    def run(*argv: str, **env: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "ivr.cli", *argv],
            env={"PATH": "/usr/bin:/bin", "HOME": str(tmp_path), **env},
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=False,
            timeout=30,
        )

    return run
