"""Signing in and out."""

from __future__ import annotations

import secrets

from flask import Blueprint, Response, render_template, request
from werkzeug.utils import redirect
from werkzeug.wrappers import Response as Answer

from ivr.usecases.staff import sessions
from ivr.usecases.staff import sign_in as signing_in
from ivr.usecases.staff.sign_in import Given, Wait, Welcome
from ivr.web.request import address, services, settings
from ivr.web.staff.pages import template_functions
from ivr.web.staff.session import cookies, return_path
from ivr.web.staff.session.access import EVERYBODY, allow, allow_anybody, expect_token, me, whoever

routes = Blueprint("sign_in", __name__)

KNOWN_FOR = 90 * 86400  # seconds in which a browser is remembered as one that somebody has signed in on
VISIT = 3600


@routes.get("/sign-in")
@allow_anybody
def show() -> Answer:
    back = return_path.ours(request.args.get("next", ""))
    if whoever():
        return redirect(back, code=303)
    return form(back)


@routes.post("/sign-in")
@allow_anybody
def enter() -> Answer:
    expect_token(_visit())
    s, back = services(), return_path.ours(request.form.get("next", ""))
    given = Given(
        email=request.form.get("email", "")[:300],
        password=request.form.get("password", "")[:1000],
        address=address(),
        browser=cookies.get(cookies.BROWSER),
    )
    came = signing_in.sign_in(s, given)
    if not isinstance(came, Welcome):
        return form(back, refused=came, email=given.email)
    return welcome(came, back, how="password")


def welcome(came: Welcome, back: str, *, how: str) -> Answer:
    """They are in, and whoever was before on this browser is out."""
    s, before = services(), whoever()
    if before:
        sessions.end(s, before)
    response = redirect(back, code=303)
    ticket = sessions.begin(s, came.account, how=how)
    cookies.put(response, cookies.SESSION, sessions.write(s.settings, ticket))
    cookies.put(response, cookies.BROWSER, signing_in.mark(s.settings, came.account), seconds=KNOWN_FOR)
    cookies.drop(response, cookies.VISIT)
    return response


@routes.post("/sign-out")
@allow(*EVERYBODY)
def leave() -> Answer:
    sessions.end(services(), me())
    response = redirect("/sign-in", code=303)
    cookies.drop(response, cookies.SESSION)
    return response


def form(back: str, *, refused: object = None, email: str = "", said: str = "") -> Response:
    """`said`: why they are not in, where it is not that the password is wrong."""
    status, headers, minutes = 200, {}, 0
    if isinstance(refused, Wait):
        status, minutes = 429, int(refused.seconds // 60) + 1
        headers = {"Retry-After": str(int(refused.seconds) + 1)}
    elif refused:
        status = 401
    visit = cookies.get(cookies.VISIT) if len(cookies.get(cookies.VISIT)) == 32 else secrets.token_urlsafe(24)
    token = template_functions.field(sessions.form_token(settings(), f"visit {visit}"))
    text = render_template(
        "staff/sign_in.html",
        back=back,
        token=token,
        email=email,
        refused=bool(refused),
        minutes=minutes,
        said=said,
        provider=settings().oidc_name if settings().oidc_issuer else "",
    )
    response = Response(text, status=status, headers=headers)
    cookies.put(response, cookies.VISIT, visit, seconds=VISIT)
    return response


def _visit() -> str:
    """A form that another site sends has no visit of ours with it, or not the token to it."""
    return f"visit {cookies.get(cookies.VISIT) or secrets.token_urlsafe(24)}"
