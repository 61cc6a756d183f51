"""Long work of one web process, done in real threads: gevent would answer no webhook meanwhile."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any, TypeVar

from gevent.monkey import is_module_patched
from gevent.threadpool import ThreadPool

T = TypeVar("T")


def run(threads: tuple[str, int], do: Callable[..., T], *given: Any) -> T:
    """What `do(*given)` gives, or raises; it may reach for nothing of gevent's. `threads`: whose, and how many at once."""
    if not is_module_patched("threading"):
        return do(*given)
    done: T = _pool(threads).apply(do, given)
    return done


@cache
def _pool(threads: tuple[str, int]) -> Any:
    return ThreadPool(threads[1])
