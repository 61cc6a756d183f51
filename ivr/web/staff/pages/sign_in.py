"""Signing in and out."""

from __future__ import annotations

import secrets

from flask import Blueprint, Response, render_template, request
from werkzeug.utils import redirect
from werkzeug.wrappers import Response as Answer

from ivr.usecases.staff import sessions
from ivr.usecases.staff import sign_in as signing_in
from ivr.usecases.staff.sign_in import Credentials, SignInAccepted, SignInThrottled
from ivr.web.request import client_ip, services, settings
from ivr.web.staff.pages import template_functions
from ivr.web.staff.session import cookies, return_path
from ivr.web.staff.session.access import (
    ALL_ROLES,
    allow,
    allow_anonymous,
    current_user,
    current_user_or_none,
    require_form_token,
)

routes = Blueprint("sign_in", __name__)

BROWSER_COOKIE_SECONDS = (
    90 * 86400
)  # seconds in which a browser is remembered as one that somebody has signed in on
VISIT_COOKIE_SECONDS = 3600


@routes.get("/sign-in")
@allow_anonymous
def show() -> Answer:
    back = return_path.safe_path(request.args.get("next", ""))
    if current_user_or_none():
        return redirect(back, code=303)
    return render_form(back)


@routes.post("/sign-in")
@allow_anonymous
def submit_password() -> Answer:
    require_form_token(_visit_id())
    s, back = services(), return_path.safe_path(request.form.get("next", ""))
    given = Credentials(
        email=request.form.get("email", "")[:300],
        password=request.form.get("password", "")[:1000],
        ip_address=client_ip(),
        browser_mark=cookies.get(cookies.BROWSER),
    )
    came = signing_in.check_credentials(s, given)
    if not isinstance(came, SignInAccepted):
        return render_form(back, refused=came, email=given.email)
    return complete_sign_in(came, back, method="password")


def complete_sign_in(accepted: SignInAccepted, return_to: str, *, method: str) -> Answer:
    """They are in, and whoever was before on this browser is out."""
    s, before = services(), current_user_or_none()
    if before:
        sessions.end_session(s, before)
    response = redirect(return_to, code=303)
    ticket = sessions.begin_session(s, accepted.account, method=method)
    cookies.put(response, cookies.SESSION, sessions.sign_cookie(s.settings, ticket))
    cookies.put(
        response,
        cookies.BROWSER,
        signing_in.create_browser_mark(s.settings, accepted.account),
        max_age_seconds=BROWSER_COOKIE_SECONDS,
    )
    cookies.delete(response, cookies.VISIT)
    return response


@routes.post("/sign-out")
@allow(*ALL_ROLES)
def sign_out() -> Answer:
    sessions.end_session(services(), current_user())
    response = redirect("/sign-in", code=303)
    cookies.delete(response, cookies.SESSION)
    return response


def render_form(return_to: str, *, refused: object = None, email: str = "", error: str = "") -> Response:
    """`error`: why they are not in, where it is not that the password is wrong."""
    status, headers, minutes = 200, {}, 0
    if isinstance(refused, SignInThrottled):
        status, minutes = 429, int(refused.seconds // 60) + 1
        headers = {"Retry-After": str(int(refused.seconds) + 1)}
    elif refused:
        status = 401
    visit = cookies.get(cookies.VISIT) if len(cookies.get(cookies.VISIT)) == 32 else secrets.token_urlsafe(24)
    token = template_functions.hidden_token_field(sessions.create_form_token(settings(), f"visit {visit}"))
    text = render_template(
        "staff/sign_in.html",
        back=return_to,
        token=token,
        email=email,
        refused=bool(refused),
        minutes=minutes,
        error=error,
        provider=settings().oidc_name if settings().oidc_issuer else "",
    )
    response = Response(text, status=status, headers=headers)
    cookies.put(response, cookies.VISIT, visit, max_age_seconds=VISIT_COOKIE_SECONDS)
    return response


def _visit_id() -> str:
    """A form that another site sends has no visit of ours with it, or not the token to it."""
    return f"visit {cookies.get(cookies.VISIT) or secrets.token_urlsafe(24)}"
