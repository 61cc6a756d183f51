"""Cookies: signed, not for scripts, not for other sites, and over https for this host alone (`__Host-`)."""

from __future__ import annotations

from flask import request
from werkzeug.wrappers import Response

from ivr.web.request import secure

SESSION = "calor"  # a sign-in
BROWSER = "calor-browser"  # somebody has signed in here before
AWAY = "calor-openid"  # somebody is at the provider to sign in
VISIT = "calor-visit"  # somebody looks at the sign-in page
LONGEST = 1000


def get(name: str) -> str:
    """What a browser brought; nothing is an empty text."""
    found = request.cookies.get(_name(name), "")
    return found if len(found) <= LONGEST else ""


def put(response: Response, name: str, value: str, *, seconds: int | None = None) -> None:
    """`seconds` None: until the browser is closed."""
    response.set_cookie(
        _name(name), value, max_age=seconds, path="/", secure=secure(), httponly=True, samesite="Lax"
    )


def drop(response: Response, name: str) -> None:
    response.delete_cookie(_name(name), path="/", secure=secure(), httponly=True, samesite="Lax")


def _name(name: str) -> str:
    """Browsers take a `__Host-` name only over https, for the whole host and from nobody else."""
    return f"__Host-{name}" if secure() else name
