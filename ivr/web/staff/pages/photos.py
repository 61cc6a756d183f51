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
from ivr.web.staff.session.access import allow, current_user, is_background

routes = Blueprint("photos", __name__, url_prefix="/photos")

MAX_PHOTOS = 100  # names in a form
HEADERS = {
    "Content-Disposition": 'inline; filename="photo.jpg"',
    "Content-Security-Policy": "default-src 'none'; sandbox; frame-ancestors 'none'",
    "Cache-Control": "private, max-age=3600, immutable",
}


@routes.get("/<token>")
@allow(Role.AGENT, Role.SUPERVISOR)
def show(token: str) -> Response:
    data = photo_view.read_photo(services(), token)
    if data is None:
        raise NotFound
    return Response(data, content_type="image/jpeg", headers=HEADERS)


@routes.post("/ask/<case>")
@allow(Role.AGENT, Role.SUPERVISOR)
def ask_customer(case: str) -> Answer:
    ask_for_photos.ask_for_case(services(), case, current_user().actor)
    return _done_response()


@routes.post("/seen")
@allow(Role.AGENT, Role.SUPERVISOR)
def mark_seen() -> Answer:
    photo_view.mark_seen(services(), request.form.getlist("photo")[:MAX_PHOTOS])
    return _done_response()


@routes.app_template_global()
def get_photo(photo_id: str) -> photo_view.PhotoView | None:
    """For an entry of a thread."""
    return photo_view.get_photo(services(), photo_id)


def _done_response() -> Answer:
    """An open page hears of it by itself."""
    return Response(status=204) if is_background() else redirect(return_path.this_page(), code=303)
