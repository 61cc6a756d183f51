"""Numbers of ours that were called: the set `our_numbers`."""

from __future__ import annotations

from ivr.store import keys
from ivr.store.change import Change
from ivr.store.query import Query, ask


def list_called() -> Query[list[str]]:
    """Numbers of ours (E.164) that were ever called, sorted."""
    return ask(("SMEMBERS", keys.OUR_NUMBERS), lambda found: sorted(map(str, found)))


def was_called(number: str) -> Query[bool]:
    """Whether this is a number of ours that was ever called."""
    return ask(("SISMEMBER", keys.OUR_NUMBERS, number), bool)


def add_called(number: str, change: Change) -> None:
    change.append_command("SADD", keys.OUR_NUMBERS, number)
