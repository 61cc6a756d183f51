"""Nothing outside `ivr/store` sends a Redis command or names a key (decision 34). `lint-imports` forbids the imports, this test the calls."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

import ivr

ROOT = Path(ivr.__file__).parents[1]
# attributes that take or hold raw commands, keys or scripts
RAW_ATTRIBUTES = frozenset(
    {
        "append_command",
        "claim_key",
        "execute_command",
        "expect_absent",
        "pipeline",
        "redis",
        "register_script",
        "send_commands",
    }
)
RAW_FUNCTIONS = frozenset({"Query", "ask"})  # they make a query of commands


def find_raw_access(source: str) -> list[str]:
    """Return `line: name` of whatever in this module goes past the queries of the store."""
    tree = ast.parse(source)
    from_query = {
        alias.asname or alias.name: alias.name
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and node.module == "ivr.store.query"
        for alias in node.names
    }
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and (
            node.attr in RAW_ATTRIBUTES or (node.attr.endswith("_script") and _is_store(node.value))
        ):
            found.append(f"{node.lineno}: {node.attr}")
        elif (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Name)
            and from_query.get(node.func.id) in RAW_FUNCTIONS
        ):
            found.append(f"{node.lineno}: {from_query[node.func.id]}")
    return found


def _is_store(value: ast.expr) -> bool:
    return (isinstance(value, ast.Attribute) and value.attr == "store") or (
        isinstance(value, ast.Name) and value.id == "store"
    )


def _list_modules() -> list[Path]:
    """Every module outside `ivr/store`."""
    files = [*(ROOT / "ivr").rglob("*.py"), *(ROOT / "workers").rglob("*.py")]
    return [file for file in files if not file.is_relative_to(ROOT / "ivr" / "store")]


def test_only_the_store_sends_redis_commands() -> None:
    found = {
        str(file.relative_to(ROOT)): raw
        for file in _list_modules()
        if (raw := find_raw_access(file.read_text()))
    }
    assert found == {}


@pytest.mark.parametrize(
    ("source", "name"),
    [
        ('change.append_command("DEL", "promise:p")', "append_command"),
        ('change.claim_key("alarm:x", "1", ttl_seconds=5)', "claim_key"),
        ('services.store.send_commands([("GET", "outage")])', "send_commands"),
        ('services.store.redis.get("outage")', "redis"),
        ("store.call_rate_script(args=[])", "call_rate_script"),
        ('from ivr.store.query import ask\nstore.read(ask(("GET", "outage"), str))', "ask"),
        ("from ivr.store.query import Query as Q\nQ((), len)", "Query"),
    ],
)
def test_each_way_past_the_queries_is_found(source: str, name: str) -> None:
    (found,) = find_raw_access(source)
    assert found.endswith(f": {name}")
