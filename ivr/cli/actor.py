"""Who sits at this terminal, for the journal."""

from __future__ import annotations

import getpass

from ivr.domain.actor import By, Where


def login() -> str:
    """The login name, written as ids are; `terminal` where there is none (a container without users)."""
    from ivr.usecases.staff.roster import slug

    try:
        return slug(getpass.getuser())
    except (OSError, KeyError, ImportError):  # as Python's versions say that nobody is known by this uid
        return "terminal"


def here() -> By:
    """Whoever sits at this terminal."""
    return By(who=login(), where=Where.TERMINAL)
