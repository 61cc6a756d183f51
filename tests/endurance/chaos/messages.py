"""Where one message ends and the next begins, in what a client sends: Redis commands, HTTP requests."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

READS = frozenset(
    """
    AUTH CLIENT COMMAND CONFIG DBSIZE ECHO EXISTS GET HELLO HGET HGETALL HMGET INFO KEYS LLEN LRANGE MGET PING PTTL
    PSUBSCRIBE PUNSUBSCRIBE ROLE SCAN SCARD SCRIPT SELECT SISMEMBER SMEMBERS SUBSCRIBE TIME TTL TYPE UNSUBSCRIBE WAIT
    WATCH UNWATCH MULTI EXEC XINFO XLEN XRANGE ZCARD ZCOUNT ZRANGE ZRANGEBYSCORE ZRANK ZSCORE
    """.split()  # noqa: SIM905 - to be read
)
"""Commands that change nothing. A transaction's commands count, its EXEC does not: they are lost or kept together."""


@dataclass(frozen=True, kw_only=True)
class Message:
    raw: bytes
    says: str  # "EVALSHA", "POST /2010-04-01/..."
    changes: bool  # a write, or a POST


NAMED = 2  # words of a command that tell which it is: EVALSHA and which script, RPUSH and which list

Split = Callable[[bytearray], Message | None]


def redis_command(buffer: bytearray) -> Message | None:
    """The first whole command of `buffer`, taken out of it; None while it is not all there."""
    if not buffer:
        return None
    head = buffer.find(b"\r\n")
    if head < 0:
        return None
    at = head + 2
    told: list[bytes] = []
    for n in range(int(buffer[1:head])):
        end = buffer.find(b"\r\n", at)
        if end < 0:
            return None
        size = int(buffer[at + 1 : end])
        if len(buffer) < end + 2 + size + 2:
            return None
        if n < NAMED:
            told.append(bytes(buffer[end + 2 : end + 2 + min(size, 40)]))
        at = end + 2 + size + 2
    name, *more = (word.decode("ascii", "replace") for word in told)
    says = f"{name.upper()} {' '.join(more)}"
    return Message(raw=_take(buffer, at), says=says, changes=name.upper() not in READS)


def http_request(buffer: bytearray) -> Message | None:
    """The first whole request of `buffer`, taken out of it; None while it is not all there."""
    head = buffer.find(b"\r\n\r\n")
    if head < 0:
        return None
    lines = bytes(buffer[:head]).decode("latin-1").split("\r\n")
    size = next((int(line[15:]) for line in lines if line.lower().startswith("content-length:")), 0)
    if len(buffer) < head + 4 + size:
        return None
    method, path, _ = lines[0].split(" ", 2)
    return Message(raw=_take(buffer, head + 4 + size), says=f"{method} {path}", changes=method == "POST")


def _take(buffer: bytearray, size: int) -> bytes:
    taken = bytes(buffer[:size])
    del buffer[:size]
    return taken
