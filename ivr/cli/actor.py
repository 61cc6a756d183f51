"""Who sits at this terminal, for the journal."""

from __future__ import annotations

import getpass

from ivr.domain.actor import Actor, Channel


def login_name() -> str:
    """The login name, written as ids are; `terminal` where there is none (a container without users)."""
    from ivr.usecases.staff.roster import slugify

    try:
        return slugify(getpass.getuser())
    except (OSError, KeyError, ImportError):  # as Python's versions say that nobody is known by this uid
        return "terminal"


def terminal_actor() -> Actor:
    """Whoever sits at this terminal."""
    return Actor(id=login_name(), channel=Channel.TERMINAL)
