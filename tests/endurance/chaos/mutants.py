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

from tests.endurance.chaos.house import House
from tests.endurance.chaos.proxy import When
from tests.endurance.chaos.scenes import QUEUED, SAYS_NO, UNTOLD, Scene
from tests.endurance.chaos.turns import play, turn

ROOT = Path(__file__).parents[3]
PATCHES = Path(__file__).parent / "patches"
COPIED = ("ivr", "workers", "flows", "tests", "pyproject.toml")

Prove = Callable[[House], list[str]]


def _bell_lost(house: House) -> list[str]:
    """A reconciler dies with what it has taken, before it rings."""
    return turn(house, "bell of a promise", 1, When.BEFORE, kill=True)[1]


def _scene(scene: Scene) -> Prove:
    return lambda house: play(house, scene)


MUTANTS: dict[str, Prove] = {
    "post-again-on-error": _scene(UNTOLD),
    "pop-instead-of-lease": _bell_lost,
    "redial-without-looking": _scene(QUEUED),
    "no-gate": _scene(SAYS_NO),
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
        raise FileNotFoundError(
            "`git` is needed to apply the patches in tests/endurance/chaos/patches: install it."
        )
    return found


def caught(name: str) -> str:
    """What the harness says of the mistake; "" when it finds nothing."""
    with mutated(name) as copy:
        done = subprocess.run(
            [sys.executable, "-m", "tests.endurance.chaos", "prove", name],
            cwd=copy,
            env={**os.environ, "PYTHONPATH": str(copy)},  # noqa: TID251 - of another process
            check=False,
            capture_output=True,
            text=True,
        )
    return done.stdout.strip() if done.returncode == 1 else ""
