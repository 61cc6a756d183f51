"""Cookies: signed, not for scripts, not for other sites, and over https for this host alone (`__Host-`)."""

from __future__ import annotations

from flask import request
from werkzeug.wrappers import Response

from ivr.web.request import is_https

SESSION = "calor"  # a sign-in
BROWSER = "calor-browser"  # somebody has signed in here before
OIDC_SIGN_IN = "calor-openid"  # somebody is at the provider to sign in
VISIT = "calor-visit"  # somebody looks at the sign-in page
MAX_LENGTH = 1000


def get(name: str) -> str:
    """What a browser brought; nothing is an empty text."""
    found = request.cookies.get(_prefixed_name(name), "")
    return found if len(found) <= MAX_LENGTH else ""


def put(response: Response, name: str, value: str, *, max_age_seconds: int | None = None) -> None:
    """`max_age_seconds` None: until the browser is closed."""
    response.set_cookie(
        _prefixed_name(name),
        value,
        max_age=max_age_seconds,
        path="/",
        secure=is_https(),
        httponly=True,
        samesite="Lax",
    )


def delete(response: Response, name: str) -> None:
    response.delete_cookie(_prefixed_name(name), path="/", secure=is_https(), httponly=True, samesite="Lax")


def _prefixed_name(name: str) -> str:
    """Browsers take a `__Host-` name only over https, for the whole host and from nobody else."""
    return f"__Host-{name}" if is_https() else name
