"""What is imported is declared in pyproject.toml, rather than left to what another package happens to bring."""

from __future__ import annotations

import ast
import sys
import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[1]
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
MAIN = PYPROJECT["project"]["dependencies"]
EXTRAS = [line for lines in PYPROJECT["project"]["optional-dependencies"].values() for line in lines]
DEV = PYPROJECT["dependency-groups"]["dev"]
OURS = {"ivr", "workers", "tests"}


def imported(source: str) -> set[str]:
    """Return the names of the top-level modules that a file imports, of this project and of Python itself excepted."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            names |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names.add(node.module.partition(".")[0])
    return names - OURS - sys.stdlib_module_names


@cache
def installed() -> Mapping[str, list[str]]:
    """Return the packages that have each top-level module."""
    return packages_distributions()


def undeclared(module: str, lines: list[str]) -> bool:
    """Say whether none of these requirements is a package that has the module."""
    packages = {canonicalize_name(name) for name in installed().get(module, ())}
    return packages.isdisjoint(canonicalize_name(Requirement(line).name) for line in lines)


@pytest.mark.parametrize("folder", ["ivr", "workers", "tests"])
def test_what_is_imported_is_declared(folder: str) -> None:
    lines = MAIN + (DEV if folder == "tests" else EXTRAS)
    where: dict[str, list[str]] = {}
    for file in sorted((ROOT / folder).rglob("*.py")):
        for module in imported(file.read_text()):
            where.setdefault(module, []).append(str(file.relative_to(ROOT)))
    missing = {module: files for module, files in where.items() if undeclared(module, lines)}
    assert missing == {}, "declare the package in pyproject.toml, with the reason, then: make lock UPGRADE="


def test_an_import_is_found_wherever_it_stands() -> None:
    source = "import os, PIL.Image as i\nfrom . import near\nfrom ivr import logs\ndef f():\n    from ruamel.yaml import YAML\n"
    assert imported(source) == {"PIL", "ruamel"}
    assert undeclared("ruamel", ["pyyaml>=6"])
    assert not undeclared("ruamel", ["ruamel.yaml>=0.19"])
