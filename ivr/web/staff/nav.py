"""The ways from page to page. Whoever may not open a page is not shown the way to it: the route itself says who may."""

from __future__ import annotations

from dataclasses import dataclass

from flask import current_app, request, url_for

from ivr.domain.records.account import is_allowed
from ivr.web.staff.session import access


@dataclass(frozen=True, kw_only=True)
class NavLink:
    """`key`: pressed to go there."""

    endpoint: str
    label: str
    key: str


NAV_LINKS = (
    NavLink(endpoint="home.show", label="Home", key="h"),
    NavLink(endpoint="desk.show", label="Desk", key="d"),
    NavLink(endpoint="cases.show", label="Cases", key="c"),
    NavLink(endpoint="callbacks.show", label="Promises", key="p"),
    NavLink(endpoint="wallboard.show", label="Wallboard", key="w"),
    NavLink(endpoint="reports.show", label="Reports", key="r"),
    NavLink(endpoint="flows.show", label="Flows", key="f"),
    NavLink(endpoint="announcements.show", label="Emergency", key="e"),
    NavLink(endpoint="audit_log.show", label="Acts", key="a"),
)


@dataclass(frozen=True, kw_only=True)
class NavItem:
    label: str
    url: str
    key: str
    is_current: bool


def nav_items() -> list[NavItem]:
    signed = access.current_user_or_none()
    if signed is None:
        return []
    found = [(way, access.get_rule(current_app, way.endpoint)) for way in NAV_LINKS]
    return [
        NavItem(
            label=way.label,
            url=url_for(way.endpoint),
            key=way.key,
            is_current=request.blueprint == way.endpoint.partition(".")[0],
        )
        for way, allowed in found
        if allowed and is_allowed(signed.account.role, allowed.roles)
    ]


def list_flow_endpoints() -> frozenset[str]:
    """Endpoints of the flows' pages that whoever is signed in may open."""
    signed = access.current_user_or_none()
    names = [name for name in current_app.view_functions if name.startswith("flows.")]
    found = [(name, access.get_rule(current_app, name)) for name in names]
    return frozenset(
        name for name, one in found if signed and one and is_allowed(signed.account.role, one.roles)
    )
