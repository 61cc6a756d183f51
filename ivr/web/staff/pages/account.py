"""One's own account: another password."""

from __future__ import annotations

from flask import Blueprint, Response, render_template, request
from werkzeug.utils import redirect
from werkzeug.wrappers import Response as Answer

from ivr.usecases.staff import accounts, passwords, sessions
from ivr.usecases.staff.sign_in import SignInAccepted, SignInThrottled, confirm_password
from ivr.web.request import services
from ivr.web.staff.session import cookies
from ivr.web.staff.session.access import ALL_ROLES, allow, current_user

routes = Blueprint("account", __name__, url_prefix="/me")


@routes.get("/password")
@allow(*ALL_ROLES)
def show() -> Response:
    return _form()


@routes.post("/password")
@allow(*ALL_ROLES)
def change_password() -> Answer:
    s, signed = services(), current_user()
    given = {name: request.form.get(name, "")[:1000] for name in ("old", "new", "again")}
    if given["new"] != given["again"]:
        return _form("The two new ones are not the same.")
    came = confirm_password(s, signed.account, given["old"])
    if isinstance(came, SignInThrottled):
        return _form("That was tried too often. Wait a quarter of an hour.", status=429)
    if not isinstance(came, SignInAccepted):
        return _form("The old one is not your password.")
    try:
        account = accounts.set_password(s, signed.account.id, given["new"], actor=signed.actor)
    except passwords.UnfitPassword as e:
        return _form(str(e))
    response = redirect("/", code=303)
    cookies.put(
        response, cookies.SESSION, sessions.sign_cookie(s.settings, sessions.begin_session(s, account))
    )
    return response


def _form(refused: str = "", *, status: int = 400) -> Response:
    text = render_template("staff/password.html", refused=refused, shortest=passwords.MIN_LENGTH)
    return Response(text, status=status if refused else 200)
