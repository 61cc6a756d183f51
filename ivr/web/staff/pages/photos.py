"""Photos that customers texted: the pictures themselves, for whoever is signed in and was shown the link; asked for; seen."""

from __future__ import annotations

from flask import Blueprint, Response, request
from werkzeug.exceptions import NotFound
from werkzeug.utils import redirect
from werkzeug.wrappers import Response as Answer

from ivr.domain.records.account import Role
from ivr.usecases.photos import ask_for_photos
from ivr.usecases.photos import view as photo_view
from ivr.web.request import services
from ivr.web.staff.session import return_path
from ivr.web.staff.session.access import allow, background, me

routes = Blueprint("photos", __name__, url_prefix="/photos")

MOST = 100  # names in a form
HEADERS = {
    "Content-Disposition": 'inline; filename="photo.jpg"',
    "Content-Security-Policy": "default-src 'none'; sandbox; frame-ancestors 'none'",
    "Cache-Control": "private, max-age=3600, immutable",
}


@routes.get("/<token>")
@allow(Role.AGENT, Role.SUPERVISOR)
def show(token: str) -> Response:
    data = photo_view.follow(services(), token)
    if data is None:
        raise NotFound
    return Response(data, content_type="image/jpeg", headers=HEADERS)


@routes.post("/ask/<case>")
@allow(Role.AGENT, Role.SUPERVISOR)
def ask(case: str) -> Answer:
    ask_for_photos.of_case(services(), case, me().by)
    return _done()


@routes.post("/seen")
@allow(Role.AGENT, Role.SUPERVISOR)
def seen() -> Answer:
    photo_view.seen(services(), request.form.getlist("photo")[:MOST])
    return _done()


@routes.app_template_global()
def photo(name: str) -> photo_view.Shown | None:
    """For an entry of a thread."""
    return photo_view.one(services(), name)


def _done() -> Answer:
    """An open page hears of it by itself."""
    return Response(status=204) if background() else redirect(return_path.here(), code=303)
