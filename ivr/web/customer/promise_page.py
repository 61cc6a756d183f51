"""The page of one promise, for whoever holds the telephone that its link was texted to. Looking changes nothing: previews look."""

from __future__ import annotations

import re
from collections.abc import Callable

import structlog
from flask import Blueprint, Response, redirect, render_template, request, url_for
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response as Answer

from ivr.domain.actor import RequestChannel
from ivr.domain.errors import CalorError
from ivr.domain.records.one_time_code import CODE_LENGTH, EntryResult
from ivr.domain.records.promise import Promise
from ivr.flow.phrases.phrasebook import Phrasebook
from ivr.services import Services
from ivr.usecases.callbacks import change_number, reschedule, reschedule_request
from ivr.usecases.callbacks.reschedule_request import (
    Decline,
    MoveToSoonest,
    MoveToWindow,
    RequestOrigin,
    RescheduleRefused,
    RescheduleRequest,
)
from ivr.usecases.texting import promise_links
from ivr.web.customer.promise_text import make_promise_view
from ivr.web.request import field, is_same_origin, library, services

log = structlog.get_logger()

routes = Blueprint("promises", __name__, url_prefix="/p")

HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    "Cache-Control": "no-store",
    "X-Robots-Tag": "noindex, nofollow, noarchive",
}
CONFIRMATIONS = frozenset({"moved", "texted"})  # what a page that comes after a change may say of it
_WINDOW = re.compile(r"(\d{9,11})-(\d{9,11})")


@routes.get("/<token>")
def show(token: str) -> Response:
    s = services()
    promise = promise_links.resolve_token(s, token)
    if promise is None:
        return _render_unknown_link()
    said = request.args.get("said", "")
    return _render_promise(s, promise, token, confirmation=said if said in CONFIRMATIONS else "")


@routes.get("/<token>/cancel")
def confirm_cancel(token: str) -> Response:
    s = services()
    promise = promise_links.resolve_token(s, token)
    if promise is None:
        return _render_unknown_link()
    return _render_promise(s, promise, token, template="cancel.html")


@routes.post("/<token>")
def change(token: str) -> Answer:
    s = services()
    promise = promise_links.resolve_token(s, token)
    if promise is None:
        return _render_unknown_link()
    if not is_same_origin():
        return _render_promise(s, promise, token, refused="elsewhere", status=403)
    return _ACTIONS.get(field("do"), _refuse_unknown_action)(s, promise, token)


def _reschedule(services: Services, promise: Promise, token: str) -> Answer:
    chosen = _WINDOW.fullmatch(field("window"))
    if chosen is None:
        return _render_promise(services, promise, token, refused="no_time", status=400)
    return _apply_request(
        services, promise, token, MoveToWindow(since=float(chosen[1]), until=float(chosen[2]))
    )


def _reschedule_to_soonest(services: Services, promise: Promise, token: str) -> Answer:
    return _apply_request(services, promise, token, MoveToSoonest())


def _cancel(services: Services, promise: Promise, token: str) -> Answer:
    return _apply_request(services, promise, token, Decline())


def _apply_request(
    services: Services, promise: Promise, token: str, reschedule_request: RescheduleRequest
) -> Answer:
    seen = field("seen")
    shown = float(seen) if seen.isascii() and seen.isdigit() and len(seen) <= 11 else 0.0
    came = reschedule.apply(
        services,
        promise.id,
        reschedule_request,
        RequestOrigin(channel=RequestChannel.PAGE, shown_until=shown),
    )
    return _show_result(
        services,
        promise,
        token,
        came,
        confirmation="" if isinstance(reschedule_request, Decline) else "moved",
    )


def _text_number_code(services: Services, promise: Promise, token: str) -> Answer:
    if why := change_number.text_code(services, promise, field("number")):
        return _render_promise(services, promise, token, refused=f"number_{why}", status=400)
    return _redirect_to_page(token, confirmation="texted")


def _enter_number_code(services: Services, promise: Promise, token: str) -> Answer:
    digits = "".join(c for c in field("code") if c.isascii() and c.isdigit())[: CODE_LENGTH + 1]
    came = change_number.enter_code(services, promise.id, digits)
    if isinstance(came, EntryResult):
        return _render_promise(services, promise, token, refused=f"code_{came.value}", status=400)
    return _show_result(services, promise, token, came, confirmation="moved")


def _refuse_unknown_action(services: Services, promise: Promise, token: str) -> Answer:
    return _render_promise(services, promise, token, status=400)


_ACTIONS: dict[str, Callable[[Services, Promise, str], Answer]] = {
    "move": _reschedule,
    "soonest": _reschedule_to_soonest,
    "cancel": _cancel,
    "number": _text_number_code,
    "code": _enter_number_code,
}


def _show_result(
    services: Services,
    promise: Promise,
    token: str,
    result: reschedule_request.RescheduleResult,
    *,
    confirmation: str,
) -> Answer:
    """Looked at anew after a change, so that a reload repeats nothing."""
    if isinstance(result, RescheduleRefused):
        return _render_promise(
            services, result.promise or promise, token, refused=result.why.name.lower(), status=409
        )
    fresh = result.promise.number != promise.number
    return _redirect_to_page(
        promise_links.create_token(services, result.promise, result.promise.number) if fresh else token,
        confirmation=confirmation,
    )


def _redirect_to_page(token: str, *, confirmation: str) -> Answer:
    return redirect(url_for("promises.show", token=token, said=confirmation or None), code=303)


# ---- pages


def _render_promise(  # noqa: PLR0913 - all by keyword
    services: Services,
    promise: Promise,
    token: str,
    *,
    confirmation: str = "",
    refused: str = "",
    status: int = 200,
    template: str = "promise.html",
) -> Response:
    latest = services.store.get(Promise, promise.id) if refused else promise
    shown = make_promise_view(services, latest or promise)
    book = services.library.get_phrasebook(promise.language)
    return _render(book, template, status, view=shown, token=token, said=confirmation, refused=refused)


def _render_unknown_link() -> Response:
    return _render(_browser_phrasebook(), "message.html", 404, title="unknown", about="unknown_about")


def _browser_phrasebook() -> Phrasebook:
    """In the reader's language, also while the record is away and none of ours is known yet."""
    found = library()
    return found.get_phrasebook(request.accept_languages.best_match(found.phrasebooks) or "")


def _render(phrasebook: Phrasebook, template: str, status: int, **context: object) -> Response:
    def words(key: str, **fields: str) -> str:
        return phrasebook.text(f"page.{key}", **fields)

    response = Response(
        render_template(template, words=words, language=phrasebook.language, **context), status=status
    )
    for name, value in HEADERS.items():
        response.headers[name] = value
    return response


@routes.errorhandler(Exception)
def _on_error(e: Exception) -> Response | HTTPException:
    """Nothing is said of the promise but that it stands. The failure is logged, not hidden."""
    if isinstance(e, HTTPException) and (e.code or 500) < 500:
        return e
    known = isinstance(e, CalorError)
    log.error(
        "page_failed",
        endpoint=request.endpoint or "",
        why=str(e) if known else "",
        exc_info=None if known else e,
    )
    return _render(_browser_phrasebook(), "message.html", 503, title="sorry", about="sorry_about")
