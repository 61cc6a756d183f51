"""The pages of those who work here. `install` puts them, and what guards them, into the app.

A new page: a file with a blueprint here, its name in `PAGES`, `@allow(...)` on each route, a template that extends
`staff/base.html`, and a line in `nav.py`.
"""

from __future__ import annotations

from flask import Flask, request
from werkzeug.wrappers import Response

from ivr.usecases import sessions
from ivr.web.request import settings
from ivr.web.staff import (
    access,
    acts,
    cases,
    cookies,
    desk,
    emergency,
    flows,
    headers,
    home,
    live,
    openid,
    own,
    phone,
    photos,
    promises,
    reports,
    sign_in,
    wallboard,
    words,
)
from ivr.web.staff.hub import Hub

PAGES = (
    sign_in.routes,
    openid.routes,
    home.routes,
    desk.routes,
    cases.routes,
    promises.routes,
    wallboard.routes,
    reports.routes,
    photos.routes,
    flows.routes,
    emergency.routes,
    acts.routes,
    own.routes,
    phone.routes,
    live.routes,
)
NAMES = frozenset(page.name for page in PAGES)


def install(app: Flask) -> None:
    app.extensions["hub"] = Hub(app.extensions["services"])
    app.before_request(_admit)
    app.after_request(_after)
    words.install(app)
    for page in PAGES:
        app.register_blueprint(page)


def asked() -> bool:
    """This request is for a page of ours."""
    return request.blueprint in NAMES


def _admit() -> None:
    if asked():
        access.admit()


def _after(response: Response) -> Response:
    if not asked():
        return response
    headers.put(response)
    signed = access.whoever()
    here = cookies.get(cookies.SESSION)
    if (
        signed
        and signed.stale
        and not signed.idle
        and access.acting()
        and request.endpoint != "sign_in.leave"
    ):
        fresh = sessions.used(signed)
        cookies.put(response, cookies.SESSION, sessions.write(settings(), fresh))
    elif (
        here
        and signed is None
        and response.status_code in (303, 401)
        and "Set-Cookie" not in response.headers
    ):
        cookies.drop(response, cookies.SESSION)
    return response
