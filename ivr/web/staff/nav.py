"""The ways from page to page. Whoever may not open a page is not shown the way to it: the route itself says who may."""

from __future__ import annotations

from dataclasses import dataclass

from flask import current_app, request, url_for

from ivr.domain.records.account import may
from ivr.web.staff.session import access


@dataclass(frozen=True, kw_only=True)
class Way:
    """`key`: pressed to go there."""

    endpoint: str
    label: str
    key: str


WAYS = (
    Way(endpoint="home.show", label="Home", key="h"),
    Way(endpoint="desk.show", label="Desk", key="d"),
    Way(endpoint="cases.show", label="Cases", key="c"),
    Way(endpoint="callbacks.show", label="Promises", key="p"),
    Way(endpoint="wallboard.show", label="Wallboard", key="w"),
    Way(endpoint="reports.show", label="Reports", key="r"),
    Way(endpoint="flows.show", label="Flows", key="f"),
    Way(endpoint="announcements.show", label="Emergency", key="e"),
    Way(endpoint="audit_log.show", label="Acts", key="a"),
)


@dataclass(frozen=True, kw_only=True)
class Shown:
    label: str
    url: str
    key: str
    here: bool


def ways() -> list[Shown]:
    signed = access.whoever()
    if signed is None:
        return []
    found = [(way, access.of(current_app, way.endpoint)) for way in WAYS]
    return [
        Shown(
            label=way.label,
            url=url_for(way.endpoint),
            key=way.key,
            here=request.blueprint == way.endpoint.partition(".")[0],
        )
        for way, allowed in found
        if allowed and may(signed.account.role, allowed.roles)
    ]


def flow_ways() -> frozenset[str]:
    """Endpoints of the flows' pages that whoever is signed in may open."""
    signed = access.whoever()
    names = [name for name in current_app.view_functions if name.startswith("flows.")]
    found = [(name, access.of(current_app, name)) for name in names]
    return frozenset(name for name, one in found if signed and one and may(signed.account.role, one.roles))
