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
from ivr.domain.records.account import Role, may
from ivr.usecases.staff import sessions
from ivr.usecases.staff.sessions import SignedIn
from ivr.web.request import from_here, services, settings
from ivr.web.staff.session import cookies

SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
EVERYBODY = tuple(Role)
TOKEN, TOKEN_HEADER = "csrf", "Calor-Token"

View = TypeVar("View", bound=Callable[..., Any])


class Undeclared(CalorError):
    """A route does not say who may open it."""


class Foreign(Forbidden):
    """A form without its token: it is old, or another site's."""


@dataclass(frozen=True, kw_only=True)
class Access:
    roles: frozenset[Role]
    anybody: bool = False  # also without signing in
    unattended: bool = False  # also when whoever signed in has done nothing for long


_declared: dict[Callable[..., Any], Access] = {}


def allow(*roles: Role, unattended: bool = False) -> Callable[[View], View]:
    """Whoever is signed in with one of these roles, or as admin.

    `unattended`: a page that hangs on a wall is shown for as long as the sign-in may last at all, though nobody touches it
    (decision 21). It shows nothing private, and does nothing.
    """

    def declare(view: View) -> View:
        _declared[view] = Access(roles=frozenset(roles), unattended=unattended)
        return view

    return declare


def allow_anybody(view: View) -> View:
    """Nobody has signed in yet: for signing in, and nothing else."""
    _declared[view] = Access(roles=frozenset(), anybody=True)
    return view


def of(app: Flask, endpoint: str) -> Access | None:
    view = app.view_functions.get(endpoint)
    return _declared.get(view) if view else None


def check(app: Flask, *, staff: Collection[str], others: Collection[str]) -> None:
    """Every route belongs to the staff's blueprints and says who may open it, or to `others`. Raises Undeclared."""
    for rule in app.url_map.iter_rules():
        blueprint = rule.endpoint.rpartition(".")[0]
        if blueprint in staff:
            found = of(app, rule.endpoint)
            if found is None or not (found.roles or found.anybody):
                raise Undeclared(
                    f"{rule.rule} ({rule.endpoint}) does not say who may open it: add @allow(...)."
                )
        elif blueprint not in others and rule.endpoint != "static":
            raise Undeclared(f"{rule.rule} ({rule.endpoint}) is of no blueprint that create_app knows.")


def admit() -> None:
    """Before every view of the staff's pages. Raises Unauthorized, Forbidden, Foreign, Unavailable."""
    access = of(current_app, request.endpoint or "")
    if access is None:
        raise Forbidden
    g.signed_in = _signed_in(unattended=access.unattended)
    if access.anybody:
        return
    signed: SignedIn | None = g.signed_in
    if signed is None:
        raise Unauthorized
    if not may(signed.account.role, access.roles):
        raise Forbidden
    if request.method not in SAFE:
        expect_token(signed.ticket.session)


def expect_token(session: str) -> None:
    """Raises Foreign."""
    given = request.headers.get(TOKEN_HEADER) or request.form.get(TOKEN) or ""
    right = sessions.form_token(settings(), session)
    if not (from_here() and hmac.compare_digest(given.encode(), right.encode())):
        raise Foreign


def _signed_in(*, unattended: bool) -> SignedIn | None:
    ticket = sessions.read(settings(), cookies.get(cookies.SESSION))
    return sessions.look(services(), ticket, unattended=unattended) if ticket else None


def whoever() -> SignedIn | None:
    """Who is signed in; None on the way to it, and when the record is away."""
    found: SignedIn | None = g.get("signed_in")
    return found


def me() -> SignedIn:
    """Who is signed in: in a view with `allow` there is somebody."""
    found = whoever()
    if found is None:
        raise Unauthorized
    return found


def acting() -> bool:
    """Somebody does something, be it through a script."""
    return not background() or "Calor-Acts" in request.headers


def background() -> bool:
    """Asked by a script of an open page: it wants a part of a page or a line of text, and no redirect."""
    return "Calor-Background" in request.headers
