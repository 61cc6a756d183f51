"""The harness proves itself: line by line mistakes that somebody could make, each of which it must find.

Patches are applied to a copy, so that nothing here can reach what is shipped. One that no longer applies is an error:
whoever changes the code that it breaks says how it would be broken now.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.chaos.house import House
from tests.chaos.proxy import When
from tests.chaos.scenes import QUEUED, SAYS_NO
from tests.chaos.turns import customers_post, play, turn

ROOT = Path(__file__).parents[2]
PATCHES = Path(__file__).parent / "patches"
COPIED = ("ivr", "workers", "flows", "tests", "pyproject.toml")

Prove = Callable[[House], list[str]]


def _answer_lost(house: House) -> list[str]:
    """Twilio takes the call, and we do not hear so."""
    return turn(house, "POST", customers_post(house), When.AFTER, kill=False)[1]


def _bell_lost(house: House) -> list[str]:
    """A reconciler dies with what it has taken, before it rings."""
    found = []
    for at in (1, 2, 3):
        found += turn(house, "bell", at, When.BEFORE, kill=True)[1]
    return found


def _queued(house: House) -> list[str]:
    """The call is in Twilio's queue, the answer lost."""
    return play(house, QUEUED)


def _says_no(house: House) -> list[str]:
    return play(house, SAYS_NO)


MUTANTS: dict[str, Prove] = {
    "post-again-on-error": _answer_lost,
    "pop-instead-of-lease": _bell_lost,
    "redial-without-looking": _queued,
    "no-gate": _says_no,
}
"""Which mistake, and the play that must find it. Without the mistake each of these plays is well."""


def patch(name: str) -> Path:
    return PATCHES / f"{name}.patch"


@contextmanager
def mutated(name: str) -> Iterator[Path]:
    """A copy of the project with this mistake in it. Raises CalledProcessError when the patch does not apply."""
    with tempfile.TemporaryDirectory(prefix="calor-mutant-") as folder:
        copy = Path(folder)
        for part in COPIED:
            source = ROOT / part
            if source.is_dir():
                shutil.copytree(
                    source, copy / part, ignore=shutil.ignore_patterns("__pycache__", "node_modules")
                )
            else:
                shutil.copy(source, copy / part)
        subprocess.run(
            [_git(), "apply", "--unidiff-zero", str(patch(name))],
            cwd=copy,
            check=True,
            capture_output=True,
            text=True,
        )
        yield copy


def _git() -> str:
    found = shutil.which("git")
    if found is None:
        raise FileNotFoundError("`git` is needed to apply the patches in tests/chaos/patches: install it.")
    return found


def caught(name: str) -> str:
    """What the harness says of the mistake; "" when it finds nothing."""
    with mutated(name) as copy:
        done = subprocess.run(
            [sys.executable, "-m", "tests.chaos", "prove", name],
            cwd=copy,
            env={**os.environ, "PYTHONPATH": str(copy)},  # noqa: TID251 - of another process
            check=False,
            capture_output=True,
            text=True,
        )
    return done.stdout.strip() if done.returncode == 1 else ""
