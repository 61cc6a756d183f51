"""Who may open what. Denied unless declared: a route of these pages without a declared role stops the app at its start.

    @routes.get("/wallboard")
    @allow(Role.SUPERVISOR, Role.OPS)
    def show() -> str: ...

An admin may open everything. Whatever changes something (POST) carries the form token, by `{{ form_token() }}` in a form or the
header `Calor-Token`; that too is checked here, before any view runs.
"""

from __future__ import annotations

import hmac
from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Any, TypeVar

from flask import Flask, current_app, g, request
from werkzeug.exceptions import Forbidden, Unauthorized

from ivr.domain.errors import CalorError
from ivr.domain.records.account import Role, is_allowed
from ivr.usecases.staff import sessions
from ivr.usecases.staff.sessions import SignedIn
from ivr.web.request import is_same_origin, services, settings
from ivr.web.staff.session import cookies

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
ALL_ROLES = tuple(Role)
TOKEN_FIELD, TOKEN_HEADER = "csrf", "Calor-Token"

View = TypeVar("View", bound=Callable[..., Any])


class UndeclaredAccess(CalorError):
    """A route does not say who may open it."""


class InvalidFormToken(Forbidden):
    """A form without its token: it is old, or another site's."""


@dataclass(frozen=True, kw_only=True)
class AccessRule:
    roles: frozenset[Role]
    allows_anonymous: bool = False  # also without signing in
    allows_unattended: bool = False  # also when whoever signed in has done nothing for long


_rules: dict[Callable[..., Any], AccessRule] = {}


def allow(*roles: Role, unattended: bool = False) -> Callable[[View], View]:
    """Whoever is signed in with one of these roles, or as admin.

    `unattended`: a page that hangs on a wall is shown for as long as the sign-in may last at all, though nobody touches it
    (decision 21). It shows nothing private, and does nothing.
    """

    def declare(view: View) -> View:
        _rules[view] = AccessRule(roles=frozenset(roles), allows_unattended=unattended)
        return view

    return declare


def allow_anonymous(view: View) -> View:
    """Nobody has signed in yet: for signing in, and nothing else."""
    _rules[view] = AccessRule(roles=frozenset(), allows_anonymous=True)
    return view


def get_rule(app: Flask, endpoint: str) -> AccessRule | None:
    view = app.view_functions.get(endpoint)
    return _rules.get(view) if view else None


def check_routes(app: Flask, *, staff: Collection[str], others: Collection[str]) -> None:
    """Every route belongs to the staff's blueprints and says who may open it, or to `others`. Raises Undeclared."""
    for rule in app.url_map.iter_rules():
        blueprint = rule.endpoint.rpartition(".")[0]
        if blueprint in staff:
            found = get_rule(app, rule.endpoint)
            if found is None or not (found.roles or found.allows_anonymous):
                raise UndeclaredAccess(
                    f"{rule.rule} ({rule.endpoint}) does not say who may open it: add @allow(...)."
                )
        elif blueprint not in others and rule.endpoint != "static":
            raise UndeclaredAccess(f"{rule.rule} ({rule.endpoint}) is of no blueprint that create_app knows.")


def check_request() -> None:
    """Before every view of the staff's pages. Raises Unauthorized, Forbidden, Foreign, Unavailable."""
    access = get_rule(current_app, request.endpoint or "")
    if access is None:
        raise Forbidden
    g.signed_in = _load_signed_in(unattended=access.allows_unattended)
    if access.allows_anonymous:
        return
    signed: SignedIn | None = g.signed_in
    if signed is None:
        raise Unauthorized
    if not is_allowed(signed.account.role, access.roles):
        raise Forbidden
    if request.method not in SAFE_METHODS:
        require_form_token(signed.cookie.session_id)


def require_form_token(session_id: str) -> None:
    """Raises Foreign."""
    given = request.headers.get(TOKEN_HEADER) or request.form.get(TOKEN_FIELD) or ""
    right = sessions.create_form_token(settings(), session_id)
    if not (is_same_origin() and hmac.compare_digest(given.encode(), right.encode())):
        raise InvalidFormToken


def _load_signed_in(*, unattended: bool) -> SignedIn | None:
    ticket = sessions.read_cookie(settings(), cookies.get(cookies.SESSION))
    return sessions.load_session(services(), ticket, allow_idle=unattended) if ticket else None


def current_user_or_none() -> SignedIn | None:
    """Who is signed in; None on the way to it, and when the record is away."""
    found: SignedIn | None = g.get("signed_in")
    return found


def current_user() -> SignedIn:
    """Who is signed in: in a view with `allow` there is somebody."""
    found = current_user_or_none()
    if found is None:
        raise Unauthorized
    return found


def is_user_action() -> bool:
    """Somebody does something, be it through a script."""
    return not is_background() or "Calor-Acts" in request.headers


def is_background() -> bool:
    """Asked by a script of an open page: it wants a part of a page or a line of text, and no redirect."""
    return "Calor-Background" in request.headers
