"""What the READMEs of sealed packages say can be looked up: links, modules, entry points, constants and commands."""

from __future__ import annotations

import ast
import inspect
import re
from importlib import import_module
from importlib.util import find_spec
from itertools import chain
from pathlib import Path
from pkgutil import resolve_name
from typing import Any

import pytest

from ivr.cli import COMMANDS

ROOT = Path(__file__).parents[1]
PACKAGES = (
    "ivr.flow.checker",
    "ivr.flow.diagram",
    "ivr.flow.studio",
    "ivr.usecases.restore",
    "ivr.usecases.integrity",
)
CODE = re.compile(r"`([^`]+)`")
LINK = re.compile(r"\]\(([^)#]*)#?([^)]*)\)")
ROW = re.compile(
    r"^\| `(\w+)(?:\((.*?)\))?` \|.*$", re.MULTILINE
)  # of the entry points: a name, its parameters
CONSTANT = re.compile(
    r"`((?:[\w.]+\.)?[A-Z_]{2,})`(?: \((\d+)\))?"
)  # a name, and its value where one is given

every_package = pytest.mark.parametrize("package", PACKAGES)


def folder(package: str) -> Path:
    return ROOT / package.replace(".", "/")


def readme(package: str) -> str:
    return (folder(package) / "README.md").read_text("utf-8")


def entry_points(package: str) -> str:
    return readme(package).partition("\n## Entry points\n")[2].partition("\n## ")[0]


def modules(package: str) -> list[str]:
    return sorted(path.stem for path in folder(package).glob("*.py") if path.stem != "__init__")


def look_up(package: str, name: str) -> Any:
    """Find `FlowReport.faults` or `check.FlowReport` in the package, `ivr.jobs.JOB_TIMEOUT_SECONDS` anywhere. Raises LookupError."""
    if name.startswith("ivr."):
        return resolve_name(name)
    first, *rest = name.split(".")
    scopes = [vars(import_module(f"{package}.{module}")) for module in modules(package)]
    known = {module: import_module(f"{package}.{module}") for module in modules(package)}
    found = next((scope[first] for scope in (*scopes, known) if first in scope), None)
    for part in rest:
        fields = getattr(found, "__dataclass_fields__", {})
        found = fields[part] if part in fields else getattr(found, part, None)
    if found is None:
        raise LookupError(f"{package} has no {name}")
    return found


def run_into(command: str) -> None:
    """Follow `ivr flows check --json` to its command and options. Raises KeyError, AssertionError."""
    _, name, *words = command.split()
    found: Any = resolve_name(COMMANDS[name].target)
    for word in words:
        if word.startswith("-"):
            assert word in chain(*(param.opts for param in found.params)), command
        else:
            found = found.commands[word]


def parameters(function: Any) -> list[str]:
    names: list[str] = []
    for name, parameter in inspect.signature(function).parameters.items():
        if parameter.kind is parameter.KEYWORD_ONLY and "*" not in names:
            names.append("*")
        names.append(name)
    return names


def names_used_outside(package: str) -> set[str]:
    """Names that the rest of the product imports from the package, also as attributes of its modules."""
    found: set[str] = set()
    for path in chain((ROOT / "ivr").rglob("*.py"), (ROOT / "workers").rglob("*.py")):
        if folder(package) in path.parents:
            continue
        tree = ast.parse(path.read_text("utf-8"))
        for node in ast.walk(tree):
            if not isinstance(node, ast.ImportFrom) or not f"{node.module}.".startswith(f"{package}."):
                continue
            for alias in node.names:
                if node.module == package and find_spec(f"{package}.{alias.name}"):
                    found |= attributes(tree, alias.asname or alias.name)
                else:
                    found.add(alias.name)
    return found


def attributes(tree: ast.AST, of: str) -> set[str]:
    return {
        node.attr
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == of
    }


def anchors(file: Path) -> set[str]:
    headings = re.findall(r"^#+ (.*)$", file.read_text("utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@every_package
def test_each_link_leads_to_a_file_and_a_heading_that_exist(package: str) -> None:
    links = LINK.findall(readme(package))
    assert links
    for path, heading in links:
        assert (folder(package) / path).is_file(), path
        assert not heading or heading in anchors(folder(package) / path), heading


@every_package
def test_each_module_is_in_the_table_of_files(package: str) -> None:
    assert sorted(Path(path).stem for path, _ in LINK.findall(readme(package)) if "/" not in path) == modules(
        package
    )


@every_package
def test_the_entry_points_are_what_the_rest_of_the_product_uses(package: str) -> None:
    rows = ROW.findall(entry_points(package))
    assert {name for name, _ in rows} == names_used_outside(package)
    for name, given in rows:
        if given:
            assert given.split(", ") == parameters(look_up(package, name)), name


@every_package
def test_each_name_in_the_entry_points_exists(package: str) -> None:
    for line in entry_points(package).splitlines():
        row = ROW.match(line)
        own = parameters(look_up(package, row[1])) if row and row[2] else []
        for span in CODE.findall(line):
            name = span.partition("(")[0]
            if span.startswith("ivr "):
                run_into(span)
            elif name not in {*own, "True", "False"}:
                assert look_up(package, name) is not None


@every_package
def test_each_constant_has_the_value_that_is_given(package: str) -> None:
    for name, value in CONSTANT.findall(readme(package)):
        found = look_up(package, name)
        assert not value or found == float(value), name
