"""The pages of those who work here. `install` puts them, and what guards them, into the app.

A new page: a file with a blueprint in `pages`, its name in `PAGES`, `@allow(...)` on each route, a template that extends
`staff/base.html`, and a line in `nav.py`.
"""

from __future__ import annotations

from flask import Flask, request
from werkzeug.wrappers import Response

from ivr.usecases.staff import sessions
from ivr.web.request import settings
from ivr.web.staff import headers
from ivr.web.staff.live import events as live_events
from ivr.web.staff.live.hub import Hub
from ivr.web.staff.pages import (
    account,
    announcements,
    audit_log,
    browser_phone,
    cases,
    desk,
    flows,
    home,
    oidc,
    photos,
    promises,
    reports,
    sign_in,
    template_functions,
    wallboard,
)
from ivr.web.staff.session import access, cookies

PAGES = (
    sign_in.routes,
    oidc.routes,
    home.routes,
    desk.routes,
    cases.routes,
    promises.routes,
    wallboard.routes,
    reports.routes,
    photos.routes,
    flows.routes,
    announcements.routes,
    audit_log.routes,
    account.routes,
    browser_phone.routes,
    live_events.routes,
)
BLUEPRINT_NAMES = frozenset(page.name for page in PAGES)


def install(app: Flask) -> None:
    app.extensions["hub"] = Hub(app.extensions["services"])
    app.before_request(_check_access)
    app.after_request(_finish_response)
    template_functions.install(app)
    for page in PAGES:
        app.register_blueprint(page)


def is_staff_request() -> bool:
    """This request is for a page of ours."""
    return request.blueprint in BLUEPRINT_NAMES


def _check_access() -> None:
    if is_staff_request():
        access.check_request()


def _finish_response(response: Response) -> Response:
    if not is_staff_request():
        return response
    headers.add_to(response)
    signed = access.current_user_or_none()
    here = cookies.get(cookies.SESSION)
    if (
        signed
        and signed.needs_new_cookie
        and not signed.idle
        and access.is_user_action()
        and request.endpoint != "sign_in.sign_out"
    ):
        fresh = sessions.refresh_cookie(signed)
        cookies.put(response, cookies.SESSION, sessions.sign_cookie(settings(), fresh))
    elif (
        here
        and signed is None
        and response.status_code in (303, 401)
        and "Set-Cookie" not in response.headers
    ):
        cookies.delete(response, cookies.SESSION)
    return response
