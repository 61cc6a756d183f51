"""To the OpenID Connect provider and back. It begins with a link: after a form, browsers would hold the provider's redirects to our
`form-action`, and through which hosts it leads people nobody here knows.
"""

from __future__ import annotations

from flask import Blueprint, abort, request
from werkzeug.utils import redirect
from werkzeug.wrappers import Response as Answer

from ivr.oidc import CALLBACK_PATH, OidcProvider
from ivr.usecases.staff import sign_in_oidc as signing_in
from ivr.usecases.staff.sign_in import SignInAccepted, SignInThrottled
from ivr.usecases.staff.sign_in_oidc import (
    Cancelled,
    OidcReturn,
    ProviderUnavailable,
    Stale,
    Unknown,
    Unverified,
)
from ivr.web.request import client_ip, services, settings
from ivr.web.staff.pages.sign_in import complete_sign_in, render_form
from ivr.web.staff.session import cookies, return_path
from ivr.web.staff.session.access import allow_anonymous, current_user_or_none

routes = Blueprint("openid", __name__)

REFUSAL_TEXTS = {
    Unknown: "{email} has no account here. Sign in with another address, or ask whoever keeps the accounts to add it.",
    Unverified: "{name} does not confirm an e-mail address of yours. Confirm it there, or sign in with your password here.",
    Cancelled: "You did not sign in at {name}. Try again, or sign in with your password here.",
    Stale: "That was too old, was used already, or was begun on another browser. Try again from here.",
    ProviderUnavailable: "Signing in with {name} does not work at the moment. Sign in with your password, or try again in a minute.",
}
STATUS_CODES = {Cancelled: 200, ProviderUnavailable: 503}


@routes.get("/sign-in/openid")
@allow_anonymous
def start_sign_in() -> Answer:
    provider, back = _require_provider(), return_path.safe_path(request.args.get("next", ""))
    if current_user_or_none():
        return redirect(back, code=303)
    went = signing_in.start_sign_in(services(), provider, back)
    if isinstance(went, ProviderUnavailable):
        return _render_refusal(went, back)
    url, cookie = went
    if len(cookie) > cookies.MAX_LENGTH:  # a long way to come back to
        return redirect("/sign-in/openid", code=303)
    response = redirect(url, code=303)
    cookies.put(response, cookies.OIDC_SIGN_IN, cookie, max_age_seconds=signing_in.MAX_ROUND_TRIP_SECONDS)
    return response


@routes.get(CALLBACK_PATH)
@allow_anonymous
def finish_sign_in() -> Answer:
    provider = _require_provider()
    given = OidcReturn(
        cookie=cookies.get(cookies.OIDC_SIGN_IN),
        state=request.args.get("state", "")[:200],
        code=request.args.get("code", "")[:4000],
        error=request.args.get("error", "")[:200],
        ip_address=client_ip(),
        browser_mark=cookies.get(cookies.BROWSER),
    )
    came, wanted = signing_in.finish_sign_in(services(), provider, given)
    wanted = return_path.safe_path(wanted)
    response = (
        complete_sign_in(came, wanted, method="oidc")
        if isinstance(came, SignInAccepted)
        else _render_refusal(came, wanted)
    )
    cookies.delete(response, cookies.OIDC_SIGN_IN)
    return response


def _render_refusal(
    refusal: Unknown | Unverified | Cancelled | Stale | ProviderUnavailable | SignInThrottled, return_to: str
) -> Answer:
    if isinstance(refusal, SignInThrottled):
        return render_form(return_to, refused=refusal)
    email = refusal.email if isinstance(refusal, Unknown) else ""
    response = render_form(
        return_to, error=REFUSAL_TEXTS[type(refusal)].format(name=settings().oidc_name, email=email)
    )
    response.status_code = STATUS_CODES.get(type(refusal), 401)
    return response


def _require_provider() -> OidcProvider:
    found = services().oidc
    if found is None:
        abort(404)
    return found
