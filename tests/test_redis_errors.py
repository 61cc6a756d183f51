"""Which errors are an outage: what redis-py makes of the replies of a real server, and what it raises itself."""

from __future__ import annotations

from typing import Any

import pytest
import redis._parsers.base as parsers
from redis.exceptions import ConnectionError as LostConnection
from redis.exceptions import DataError, RedisError
from redis.exceptions import TimeoutError as NoAnswer

from ivr.domain.errors import MemoryFull, TryLater, Unavailable
from ivr.redis_errors import is_outage


def reply(text: str) -> Exception:
    parser: Any = parsers.BaseParser
    made: Exception = parser.parse_error(text)
    return made


@pytest.mark.parametrize(
    "text",
    [
        "LOADING Redis is loading the dataset in memory",
        "READONLY You can't write against a read only replica.",
        "OOM command not allowed when used memory > 'maxmemory'.",
        "MISCONF Errors writing to the AOF file: No space left on device",
        "MASTERDOWN Link with MASTER is down and replica-serve-stale-data is set to 'no'.",
        "UNBLOCKED force unblock from blocking operation, instance state changed (master -> replica?)",
        "BUSY Redis is busy running a script. You can only call SCRIPT KILL or SHUTDOWN NOSAVE.",
        "NOREPLICAS Not enough good replicas to write.",
        "EXECABORT Transaction discarded because of previous errors.",
        "WRONGPASS invalid username-password pair or user is disabled.",
        "NOPERM User default has no permissions to run the 'hset' command",
        "ERR max number of clients reached",
    ],
)
def test_a_server_that_refuses_because_of_its_state_is_an_outage(text: str) -> None:
    assert is_outage(reply(text))


@pytest.mark.parametrize(
    "error", [LostConnection("gone"), NoAnswer("silent"), Unavailable(), MemoryFull()], ids=repr
)
def test_so_is_one_that_cannot_be_reached(error: Exception) -> None:
    assert is_outage(error)


@pytest.mark.parametrize(
    "error",
    [
        reply("WRONGTYPE Operation against a key holding the wrong kind of value"),
        reply("ERR unknown command 'FOO'"),
        reply("NOSCRIPT No matching script."),
        DataError("Invalid input of type: 'NoneType'."),
        RedisError("something else"),
        KeyError("noun"),
        TryLater(),
    ],
    ids=repr,
)
def test_a_mistake_of_ours_is_none(error: Exception) -> None:
    assert not is_outage(error)
