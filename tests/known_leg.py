"""An agent's leg as a webhook finds it."""

from __future__ import annotations

from ivr.services import Services
from ivr.store.queries.leg_view import LegView
from ivr.usecases.conferences import leg_view


def known_leg(services: Services, leg_id: str) -> LegView:
    view = leg_view.load(services, leg_id)
    assert view is not None
    return view
