"""The lock files are complete: pip installs them with `--no-deps`, and nothing has to be resolved.

What a package requires is read from its installed metadata. A package that this Python does not install (because of a
marker, such as `async-timeout` for Python 3.11.2) has none here: that the lock holds what it requires in turn is checked by
`make lock`, which asks the registry for it.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Iterator
from functools import cache
from importlib import metadata
from pathlib import Path
from typing import cast

import pytest
from packaging.markers import default_environment
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[1]
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
GROUPS = {"requirements.lock": ("build",), "requirements-dev.lock": ("build", "dev")}
PYTHONS = [
    name.rpartition(" ")[2] for name in PYPROJECT["project"]["classifiers"] if re.search(r":: 3\.\d+$", name)
]
SYSTEMS = (("linux", "x86_64"), ("linux", "aarch64"), ("darwin", "arm64"), ("darwin", "x86_64"))

Environment = dict[str, str]  # the values of the variables in markers
Lock = dict[
    str, list[Requirement]
]  # the pins of each package: more than one when their markers exclude each other


def read(lock: str) -> Lock:
    pins: Lock = {}
    for line in (ROOT / lock).read_text().splitlines():
        if line and not line.startswith((" ", "#")):
            pin = Requirement(line.removesuffix("\\"))
            pins.setdefault(canonicalize_name(pin.name), []).append(pin)
    return pins


def declared(lock: str) -> list[Requirement]:
    """Return what pyproject.toml wants in that lock file."""
    groups = [PYPROJECT["dependency-groups"][group] for group in GROUPS[lock]]
    return [Requirement(line) for lines in (PYPROJECT["project"]["dependencies"], *groups) for line in lines]


def environments(python: str) -> Iterator[Environment]:
    """Yield what markers are evaluated for: the first and a late patch release of a Python, on each system."""
    for patch in ("0", "99"):
        for system, machine in SYSTEMS:
            made = this_environment()
            made["python_version"] = python
            made["python_full_version"] = made["implementation_version"] = f"{python}.{patch}"
            made["implementation_name"], made["platform_python_implementation"] = "cpython", "CPython"
            made["os_name"], made["sys_platform"], made["platform_machine"] = "posix", system, machine
            made["platform_system"] = system.capitalize()
            yield made


def this_environment() -> Environment:
    return cast("Environment", default_environment())


def holds(requirement: Requirement, environment: Environment, extra: str = "") -> bool:
    marker = requirement.marker
    return marker is None or marker.evaluate({**environment, "extra": extra})


def version(pin: Requirement) -> str:
    (specifier,) = pin.specifier
    assert specifier.operator == "==", f"{pin} is not pinned"
    return specifier.version


@cache
def required_by(name: str) -> list[Requirement]:
    """Return what the installed package requires; nothing when it is not installed."""
    try:
        lines = metadata.requires(name)
    except metadata.PackageNotFoundError:
        return []
    return [Requirement(line) for line in lines or ()]


def lacking(lock: Lock, wanted: Iterable[Requirement], environment: Environment) -> list[str]:
    """Follow requirements through the lock. Return those that it does not hold, each with the package that has it."""
    problems: list[str] = []
    ahead = [(requirement, "pyproject.toml") for requirement in wanted]
    followed: set[tuple[str, str]] = set()
    while ahead:
        requirement, by = ahead.pop()
        name = canonicalize_name(requirement.name)
        pins = [pin for pin in lock.get(name, ()) if holds(pin, environment)]
        if len(pins) != 1 or not requirement.specifier.contains(version(pins[0]), prereleases=True):
            problems.append(
                f"{by} requires {requirement}; the lock has {', '.join(map(str, pins)) or 'none'}"
            )
            continue
        for extra in ("", *requirement.extras):
            if (name, extra) not in followed:
                followed.add((name, extra))
                ahead += [(one, name) for one in required_by(name) if holds(one, environment, extra)]
    return problems


@pytest.mark.parametrize("python", PYTHONS)
@pytest.mark.parametrize("lock", GROUPS)
def test_a_lock_holds_every_requirement_of_every_package(lock: str, python: str) -> None:
    pins, wanted = read(lock), declared(lock)
    problems = {problem for one in environments(python) for problem in lacking(pins, wanted, one)}
    assert problems == set(), f"Python {python}; `make lock` writes the lock files anew"


@pytest.mark.parametrize("lock", GROUPS)
def test_each_pin_is_missed_when_it_is_taken_out(lock: str) -> None:
    pins, wanted = read(lock), declared(lock)
    where = [one for python in PYTHONS for one in environments(python)]
    used = [name for name in pins if any(holds(pin, one) for pin in pins[name] for one in where)]
    assert len(used) > len(wanted)
    needless = [
        name
        for name in used
        if not any(
            lacking({other: pins[other] for other in pins if other != name}, wanted, one) for one in where
        )
    ]
    assert needless == [], "nothing requires them; `make lock` writes the lock files anew"


def test_a_requirement_of_an_extra_is_followed() -> None:
    """`coverage` is required by pytest-cov with the extra `toml`: pip once resolved that anew instead of taking the lock's."""
    asked = [Requirement("moto[s3]")]  # s3 brings py-partiql-parser
    pins = read("requirements-dev.lock")
    without = {name: pins[name] for name in pins if name != "py-partiql-parser"}
    assert lacking(pins, asked, this_environment()) == []
    (problem,) = lacking(without, asked, this_environment())
    assert re.match(r"moto requires py-partiql-parser.*; the lock has none", problem)
    assert lacking(without, [Requirement("moto")], this_environment()) == []


def test_what_is_installed_is_what_both_locks_pin() -> None:
    """The test above reads metadata of what is installed: it must be that of the locks' versions."""
    for lock in GROUPS:
        pinned = {
            name: version(pin)
            for name, pins in read(lock).items()
            for pin in pins
            if holds(pin, this_environment())
        }
        assert {name: metadata.version(name) for name in pinned} == pinned, f"`make test` installs {lock}"


def test_the_dev_lock_holds_what_the_extras_need() -> None:
    """The tests import what the extras bring, and extras are in no lock of their own."""
    dev = {
        Requirement(line).name: Requirement(line).specifier for line in PYPROJECT["dependency-groups"]["dev"]
    }
    extras = [
        Requirement(line)
        for lines in PYPROJECT["project"]["optional-dependencies"].values()
        for line in lines
    ]
    assert [one for one in extras if dev.get(one.name) != one.specifier] == []
