"""Tell an outage of Redis, which passes, from a mistake in what we asked of it."""

from __future__ import annotations

import re

from redis.exceptions import (
    ClusterDownError,
    ExecAbortError,
    InvalidResponse,
    NoPermissionError,
    OutOfMemoryError,
    ReadOnlyError,
    RedisError,
    ResponseError,
    TryAgainError,
)
from redis.exceptions import ConnectionError as LostConnection
from redis.exceptions import TimeoutError as NoAnswer

from ivr.domain.errors import Unavailable

# LOADING, NOAUTH and WRONGPASS are connection errors to redis-py
_OUTAGE_ERRORS = (
    LostConnection,
    NoAnswer,
    InvalidResponse,  # the connection broke within an answer
    ReadOnlyError,
    OutOfMemoryError,
    ExecAbortError,
    NoPermissionError,
    ClusterDownError,
    TryAgainError,
)
# replies for which redis-py has no class; inside a pipeline or a script the code does not come first
_OUTAGE_REPLY = re.compile(r"\b(MISCONF|UNBLOCKED|BUSY|NOREPLICAS|OOM|READONLY)\b")


def is_outage(error: Exception) -> bool:
    """Return whether Redis could not be reached or refused because of the state it is in.

    False for everything else: a command or a key of the wrong type is a bug, and so is any error that is not Redis's.
    """
    if isinstance(error, RedisError):
        return isinstance(error, _OUTAGE_ERRORS) or (
            isinstance(error, ResponseError) and bool(_OUTAGE_REPLY.search(str(error)))
        )
    return isinstance(error, Unavailable)
