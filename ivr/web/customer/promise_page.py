"""The page of one promise, for whoever holds the telephone that its link was texted to. Looking changes nothing: previews look."""

from __future__ import annotations

import re
from collections.abc import Callable

import structlog
from flask import Blueprint, Response, redirect, render_template, request, url_for
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response as Answer

from ivr.domain.errors import CalorError
from ivr.domain.records.one_time_code import DIGITS, Entered
from ivr.domain.records.promise import Promise
from ivr.flow.phrases.phrasebook import Book
from ivr.services import Services
from ivr.usecases.callbacks import change_number, reschedule
from ivr.usecases.callbacks.reschedule import Asked, Decline, Move, Refused, Soonest, Via, Wish
from ivr.usecases.texting import promise_links
from ivr.web.customer.promise_text import view
from ivr.web.request import field, from_here, library, services

log = structlog.get_logger()

routes = Blueprint("promises", __name__, url_prefix="/p")

HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    "Cache-Control": "no-store",
    "X-Robots-Tag": "noindex, nofollow, noarchive",
}
SAID = frozenset({"moved", "texted"})  # what a page that comes after a change may say of it
_WINDOW = re.compile(r"(\d{9,11})-(\d{9,11})")


@routes.get("/<text>")
def show(text: str) -> Response:
    s = services()
    promise = promise_links.follow(s, text)
    if promise is None:
        return _unknown()
    said = request.args.get("said", "")
    return _page(s, promise, text, said=said if said in SAID else "")


@routes.get("/<text>/cancel")
def ask(text: str) -> Response:
    s = services()
    promise = promise_links.follow(s, text)
    if promise is None:
        return _unknown()
    return _page(s, promise, text, template="cancel.html")


@routes.post("/<text>")
def change(text: str) -> Answer:
    s = services()
    promise = promise_links.follow(s, text)
    if promise is None:
        return _unknown()
    if not from_here():
        return _page(s, promise, text, refused="elsewhere", status=403)
    return _DOES.get(field("do"), _nothing)(s, promise, text)


def _move(s: Services, promise: Promise, text: str) -> Answer:
    chosen = _WINDOW.fullmatch(field("window"))
    if chosen is None:
        return _page(s, promise, text, refused="no_time", status=400)
    return _ask_for(s, promise, text, Move(since=float(chosen[1]), until=float(chosen[2])))


def _soonest(s: Services, promise: Promise, text: str) -> Answer:
    return _ask_for(s, promise, text, Soonest())


def _cancel(s: Services, promise: Promise, text: str) -> Answer:
    return _ask_for(s, promise, text, Decline())


def _ask_for(s: Services, promise: Promise, text: str, wish: Wish) -> Answer:
    seen = field("seen")
    shown = float(seen) if seen.isascii() and seen.isdigit() and len(seen) <= 11 else 0.0
    came = reschedule.rearrange(s, promise.id, wish, Asked(via=Via.PAGE, seen=shown))
    return _came(s, promise, text, came, said="" if isinstance(wish, Decline) else "moved")


def _number(s: Services, promise: Promise, text: str) -> Answer:
    if why := change_number.text_code(s, promise, field("number")):
        return _page(s, promise, text, refused=f"number_{why}", status=400)
    return _look(text, said="texted")


def _code(s: Services, promise: Promise, text: str) -> Answer:
    digits = "".join(c for c in field("code") if c.isascii() and c.isdigit())[: DIGITS + 1]
    came = change_number.enter_code(s, promise.id, digits)
    if isinstance(came, Entered):
        return _page(s, promise, text, refused=f"code_{came.value}", status=400)
    return _came(s, promise, text, came, said="moved")


def _nothing(s: Services, promise: Promise, text: str) -> Answer:
    return _page(s, promise, text, status=400)


_DOES: dict[str, Callable[[Services, Promise, str], Answer]] = {
    "move": _move,
    "soonest": _soonest,
    "cancel": _cancel,
    "number": _number,
    "code": _code,
}


def _came(s: Services, promise: Promise, text: str, came: reschedule.Result, *, said: str) -> Answer:
    """Looked at anew after a change, so that a reload repeats nothing."""
    if isinstance(came, Refused):
        return _page(s, came.promise or promise, text, refused=came.why.name.lower(), status=409)
    fresh = came.promise.number != promise.number
    return _look(promise_links.token(s, came.promise, came.promise.number) if fresh else text, said=said)


def _look(text: str, *, said: str) -> Answer:
    return redirect(url_for("promises.show", text=text, said=said or None), code=303)


# ---- pages


def _page(  # noqa: PLR0913 - all by keyword
    s: Services,
    promise: Promise,
    text: str,
    *,
    said: str = "",
    refused: str = "",
    status: int = 200,
    template: str = "promise.html",
) -> Response:
    latest = s.store.get(Promise, promise.id) if refused else promise
    shown = view(s, latest or promise)
    book = s.library.book(promise.language)
    return _answer(book, template, status, view=shown, text=text, said=said, refused=refused)


def _unknown() -> Response:
    return _answer(_book(), "message.html", 404, title="unknown", about="unknown_about")


def _book() -> Book:
    """In the reader's language, also while the record is away and none of ours is known yet."""
    found = library()
    return found.book(request.accept_languages.best_match(found.books) or "")


def _answer(book: Book, template: str, status: int, **told: object) -> Response:
    def words(key: str, **fields: str) -> str:
        return book.text(f"page.{key}", **fields)

    response = Response(render_template(template, words=words, language=book.language, **told), status=status)
    for name, value in HEADERS.items():
        response.headers[name] = value
    return response


@routes.errorhandler(Exception)
def _failed(e: Exception) -> Response | HTTPException:
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
    return _answer(_book(), "message.html", 503, title="sorry", about="sorry_about")
