"""What every answer of the staff's pages tells a browser: run nothing but our own files, show it in no frame, keep nothing."""

from __future__ import annotations

from collections.abc import Mapping

from werkzeug.wrappers import Response

CSP_DIRECTIVES = {
    "default-src": "'none'",
    "script-src": "'self'",
    "style-src": "'self'",
    "img-src": "'self'",
    "media-src": "'self'",
    "connect-src": "'self'",
    "form-action": "'self'",
    "base-uri": "'none'",
    "frame-ancestors": "'none'",
}


def make_csp(extra_sources: Mapping[str, str] | None = None) -> str:
    """The Content-Security-Policy; `extra_sources`: sources of a directive beside its own, on a page that cannot do without."""
    added = extra_sources or {}
    return "; ".join(f"{name} {own} {added.get(name, '')}".rstrip() for name, own in CSP_DIRECTIVES.items())


HEADERS = {
    "Content-Security-Policy": make_csp(),
    "Cache-Control": "no-store",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "X-Robots-Tag": "noindex, nofollow, noarchive",
    "Vary": "Cookie",
}


def add_to(response: Response) -> None:
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)  # a picture is stricter with itself
