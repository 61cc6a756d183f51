"""To the OpenID Connect provider and back. It begins with a link: after a form, browsers would hold the provider's redirects to our
`form-action`, and through which hosts it leads people nobody here knows.
"""

from __future__ import annotations

from flask import Blueprint, abort, request
from werkzeug.utils import redirect
from werkzeug.wrappers import Response as Answer

from ivr.oidc import BACK, OpenId
from ivr.usecases.staff import sign_in_oidc as signing_in
from ivr.usecases.staff.sign_in import Wait, Welcome
from ivr.usecases.staff.sign_in_oidc import Away, Cancelled, Return, Stale, Unknown, Unverified
from ivr.web.request import address, services, settings
from ivr.web.staff.pages.sign_in import form, welcome
from ivr.web.staff.session import cookies, return_path
from ivr.web.staff.session.access import allow_anybody, whoever

routes = Blueprint("openid", __name__)

SAID = {
    Unknown: "{email} has no account here. Sign in with another address, or ask whoever keeps the accounts to add it.",
    Unverified: "{name} does not confirm an e-mail address of yours. Confirm it there, or sign in with your password here.",
    Cancelled: "You did not sign in at {name}. Try again, or sign in with your password here.",
    Stale: "That was too old, was used already, or was begun on another browser. Try again from here.",
    Away: "Signing in with {name} does not work at the moment. Sign in with your password, or try again in a minute.",
}
STATUS = {Cancelled: 200, Away: 503}


@routes.get("/sign-in/openid")
@allow_anybody
def go() -> Answer:
    provider, back = _provider(), return_path.ours(request.args.get("next", ""))
    if whoever():
        return redirect(back, code=303)
    went = signing_in.go(services(), provider, back)
    if isinstance(went, Away):
        return _told(went, back)
    url, cookie = went
    if len(cookie) > cookies.LONGEST:  # a long way to come back to
        return redirect("/sign-in/openid", code=303)
    response = redirect(url, code=303)
    cookies.put(response, cookies.AWAY, cookie, seconds=signing_in.SECONDS)
    return response


@routes.get(BACK)
@allow_anybody
def back() -> Answer:
    provider = _provider()
    given = Return(
        cookie=cookies.get(cookies.AWAY),
        state=request.args.get("state", "")[:200],
        code=request.args.get("code", "")[:4000],
        error=request.args.get("error", "")[:200],
        address=address(),
        browser=cookies.get(cookies.BROWSER),
    )
    came, wanted = signing_in.come(services(), provider, given)
    wanted = return_path.ours(wanted)
    response = welcome(came, wanted, how="oidc") if isinstance(came, Welcome) else _told(came, wanted)
    cookies.drop(response, cookies.AWAY)
    return response


def _told(came: Unknown | Unverified | Cancelled | Stale | Away | Wait, back: str) -> Answer:
    if isinstance(came, Wait):
        return form(back, refused=came)
    email = came.email if isinstance(came, Unknown) else ""
    response = form(back, said=SAID[type(came)].format(name=settings().oidc_name, email=email))
    response.status_code = STATUS.get(type(came), 401)
    return response


def _provider() -> OpenId:
    found = services().openid
    if found is None:
        abort(404)
    return found
