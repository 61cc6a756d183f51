"""Who signs in with what: `email:{e-mail}`, `session:{id}`, `oidc_return:{digest}`."""

from __future__ import annotations

import json
from typing import Any

from ivr.store import keys
from ivr.store.change import Change
from ivr.store.query import Query, ask, parse_text


def get_account_id(email: str) -> Query[str]:
    """The account that has this e-mail address; "" when none has."""
    return ask(("GET", keys.email_account(email)), parse_text)


def set_account_id(email: str, account_id: str, change: Change, *, is_new: bool) -> None:
    """The address is this account's. `is_new`: unless somebody took it meanwhile; then the change is not written."""
    if is_new:
        change.expect_absent(keys.email_account(email))
    change.append_command("SET", keys.email_account(email), account_id)


def delete_email(email: str, change: Change) -> None:
    """The address is nobody's."""
    change.append_command("DEL", keys.email_account(email))


def get_session(session_id: str) -> Query[dict[str, Any] | None]:
    """A sign-in: `account`, `era` (its generation of sessions), `since` (epoch seconds); None when it has ended."""
    return ask(("GET", keys.session(session_id)), lambda found: json.loads(found) if found else None)


def set_session(session_id: str, session: dict[str, object], change: Change, *, ttl_seconds: int) -> None:
    """Begin a sign-in, for so long at most."""
    change.append_command("SET", keys.session(session_id), json.dumps(session), "EX", ttl_seconds)


def delete_session(session_id: str, change: Change) -> None:
    change.append_command("DEL", keys.session(session_id))


def claim_oidc_return(digest: str, change: Change, *, ttl_seconds: int) -> None:
    """Somebody has come back from the provider with this; for whoever comes again the change is not written."""
    change.claim_key(keys.oidc_return(digest), "1", ttl_seconds=ttl_seconds)
