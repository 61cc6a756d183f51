"""Long work of one web process, done in real threads: gevent would answer no webhook meanwhile."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any, TypeVar

from gevent.monkey import is_module_patched
from gevent.threadpool import ThreadPool

T = TypeVar("T")


def run_in_threads(pool: tuple[str, int], function: Callable[..., T], *args: Any) -> T:
    """What `function(*args)` gives, or raises; it may reach for nothing of gevent's. `pool`: whose threads, and how many at once."""
    if not is_module_patched("threading"):
        return function(*args)
    done: T = _get_thread_pool(pool).apply(function, args)
    return done


@cache
def _get_thread_pool(pool: tuple[str, int]) -> Any:
    return ThreadPool(pool[1])
