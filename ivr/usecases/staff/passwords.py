"""Passwords: hashed with argon2id, compared without telling whether there is anything to compare with.

The costs are OWASP's (Password Storage Cheat Sheet: 19 MiB, 2 passes, 1 lane), some 20 ms of one core. A hash holds its core
and the interpreter is free meanwhile, but gevent is not: where it runs, two threads of their own hash, so that no webhook waits.
"""

from __future__ import annotations

import unicodedata
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from prometheus_client import Counter

from ivr import offload
from ivr.domain.errors import CalorError

MIN_LENGTH, MAX_LENGTH = 12, 200  # characters
THREAD_POOL = (
    "passwords",
    2,
)  # hashes in one process: a flood of sign-ins takes neither the machine's cores nor its memory

COMPARED_METRIC = Counter(
    "calor_password_checks", "Passwords that were compared; each costs some 20 ms of a core"
)

_hasher = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)


class UnfitPassword(CalorError):
    """This cannot be a password."""


def hash_password(password: str, *, name: str = "", email: str = "") -> str:
    """Its hash. Raises UnfitPassword with what would be right."""
    plain = _normalize(password)
    if not MIN_LENGTH <= len(plain) <= MAX_LENGTH:
        raise UnfitPassword(
            f"A password has {MIN_LENGTH} characters or more, {MAX_LENGTH} at most. A few words make a good one."
        )
    if plain.casefold() in {name.casefold(), email.casefold()} or len(set(plain)) < 4:
        raise UnfitPassword(
            "That would be guessed at once. A few words that have nothing to do with you make a good one."
        )
    return offload.run_in_threads(THREAD_POOL, _hasher.hash, plain)


def verify_password(password: str, stored_hash: str) -> bool:
    """Whether it is the one that was kept as a hash. With none kept it takes as long, and is not."""
    given = _normalize(password)[: MAX_LENGTH + 1]
    return offload.run_in_threads(
        THREAD_POOL, _verify, stored_hash or get_placeholder_hash(), given
    ) and bool(stored_hash)


@cache
def get_placeholder_hash() -> str:
    """The hash that no password is compared with when there is no account: it must cost the same."""
    return _hasher.hash("nobody has this password")


def _verify(stored_hash: str, password: str) -> bool:
    COMPARED_METRIC.inc()
    try:
        return _hasher.verify(stored_hash, password)
    except (VerificationError, InvalidHashError):
        return False


def _normalize(password: str) -> str:
    """The same on every keyboard: a letter with its accent is one character, or two."""
    return unicodedata.normalize("NFKC", password)
