"""Read what is known of an agent's leg, and read it anew."""

from __future__ import annotations

from ivr.services import Services
from ivr.store.queries.leg_view import LegView, read_leg_view


def load(services: Services, leg_id: str) -> LegView | None:
    """The leg with all that a key on it may touch, in one round trip. None when there is no such leg."""
    return read_leg_view(services.store, leg_id, default_language=services.library.languages[0])


def reload(services: Services, view: LegView) -> LegView:
    """As it is now. A leg that the change now lost was to send for is still to be sent for."""
    latest = load(services, view.leg.id) or view
    return latest.with_leg(latest.leg.request_redirect()) if view.leg.redirect.pending else latest
