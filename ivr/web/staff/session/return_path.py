"""Where to go after signing in: back to a page of ours, and nowhere else."""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import current_app, request
from werkzeug.exceptions import HTTPException
from werkzeug.routing import RequestRedirect

from ivr.web.request import settings
from ivr.web.staff.session import access

HOME = "/"
EXCLUDED_ENDPOINTS = frozenset({"live.listen", "sign_in.show", "sign_in.submit_password"})


def safe_path(text: str) -> str:
    """The path, when it is that of a page for whoever is signed in; else the first page."""
    if not text.startswith("/") or len(text) > 500 or not text.isprintable():
        return HOME
    if "\\" in text or " " in text:  # browsers read a backslash as a slash
        return HOME
    parts = urlsplit(text)
    if parts.scheme or parts.netloc:
        return HOME
    return text if _is_page(parts.path) else HOME


def this_page() -> str:
    """This page, to come back to; after a form, the page that it stood on."""
    if request.method in access.SAFE_METHODS:
        return safe_path(request.full_path.rstrip("?"))
    before, base = urlsplit(request.referrer or ""), urlsplit(settings().public_url)
    there = (before.scheme, before.netloc) == (base.scheme, base.netloc)
    return safe_path(before._replace(scheme="", netloc="", fragment="").geturl()) if there else HOME


def _is_page(path: str) -> bool:
    adapter = current_app.create_url_adapter(request)
    try:
        endpoint, _ = adapter.match(path, method="GET") if adapter else ("", {})
    except (HTTPException, RequestRedirect):
        return False
    found = access.get_rule(current_app, endpoint)
    return found is not None and not found.allows_anonymous and endpoint not in EXCLUDED_ENDPOINTS
