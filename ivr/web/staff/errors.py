"""Errors of the staff's pages: what happened, and what to do about it."""

from __future__ import annotations

from dataclasses import dataclass

import structlog
from flask import Response, render_template, request, url_for
from werkzeug.exceptions import HTTPException, Unauthorized
from werkzeug.utils import redirect
from werkzeug.wrappers import Response as Answer

from ivr.domain.errors import CalorError, Unavailable
from ivr.usecases.staff.roster import NoSuchAgent
from ivr.web.staff import headers
from ivr.web.staff.session import return_path
from ivr.web.staff.session.access import InvalidFormToken, is_background

log = structlog.get_logger()


@dataclass(frozen=True, kw_only=True)
class ErrorMessage:
    status: int
    title: str
    what: str
    fix: str = ""


REDIS_UNAVAILABLE = ErrorMessage(
    status=503,
    title="The record is away",
    what="Nothing was changed. Callers are answered meanwhile: by a fallback number, or a message that becomes a promise.",
    fix="Load the page again in a moment. If it lasts, whoever looks after the line looks at Redis.",
)
INTERNAL_ERROR = ErrorMessage(
    status=500,
    title="This page has failed",
    what="It is our fault and it is in the log. Callers are not concerned by it.",
    fix="Load the page again. If it fails once more, tell whoever looks after the line what you did.",
)
INVALID_FORM = ErrorMessage(
    status=403,
    title="This form could not be taken",
    what="It was open for too long, or it did not come from a page of ours. Nothing was changed.",
    fix="Go back, load the page again, and do it once more.",
)
_BY_STATUS = {
    401: ErrorMessage(
        status=401, title="You are signed out", what="Nothing was changed.", fix="Sign in again."
    ),
    403: ErrorMessage(
        status=403,
        title="This page is not for your role",
        what="You are signed in, and others may see this page.",
        fix="If you need it for your work, ask whoever keeps the accounts.",
    ),
    404: ErrorMessage(
        status=404,
        title="There is no such page",
        what="The address is wrong, or what it showed is not there any more.",
        fix="Go to the first page, and look for it from there.",
    ),
    405: ErrorMessage(
        status=405,
        title="This cannot be done here",
        what="The address is one of ours, and does something else.",
        fix="Go to the first page, and do it from there.",
    ),
    413: ErrorMessage(
        status=413, title="That is too much at once", what="Nothing was changed.", fix="Send less of it."
    ),
}


def error_response(e: Exception) -> Answer:
    """The page for whatever was raised."""
    if isinstance(e, Unauthorized) and not is_background():
        return redirect(url_for("sign_in.show", next=return_path.this_page()), code=303)
    return render_error(_make_message(e))


def render_error(message: ErrorMessage, *, extra_headers: dict[str, str] | None = None) -> Response:
    """A script of an open page is told in one line, which it shows."""
    if is_background():
        text = f"{message.title}. {message.what} {message.fix}"
        return Response(
            text, status=message.status, content_type="text/plain; charset=utf-8", headers=extra_headers
        )
    response = Response(
        render_template("staff/error.html", message=message), status=message.status, headers=extra_headers
    )
    headers.add_to(response)  # also where it is no page of ours that was asked for
    return response


def wants_html() -> bool:
    """A person who typed an address, not a machine."""
    return request.accept_mimetypes.best_match(["text/plain", "text/html"], "text/plain") == "text/html"


def _make_message(e: Exception) -> ErrorMessage:
    if isinstance(e, InvalidFormToken):
        return INVALID_FORM
    if isinstance(e, HTTPException) and (e.code or 500) < 500:
        return _BY_STATUS.get(e.code or 400) or ErrorMessage(
            status=e.code or 400,
            title="That was not understood",
            what="Nothing was changed.",
            fix="Try again.",
        )
    if isinstance(e, Unavailable):
        log.error("page_failed", endpoint=request.endpoint or "", why=str(e))
        return REDIS_UNAVAILABLE
    if isinstance(e, NoSuchAgent):
        return ErrorMessage(
            status=409, title="That was not done", what="You have no telephone on this line.", fix=""
        )
    if isinstance(e, CalorError):  # in words for people: a state that cannot follow, a name that is taken
        return ErrorMessage(status=409, title="That was not done", what=str(e))
    log.error("page_failed", endpoint=request.endpoint or "", exc_info=e)
    return INTERNAL_ERROR
