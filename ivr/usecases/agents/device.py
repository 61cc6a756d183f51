"""Where an agent answers: on their telephone, or in the browser. They choose, between calls."""

from __future__ import annotations

from ivr.domain.actor import Actor
from ivr.domain.errors import CalorError
from ivr.domain.records.agent import Agent, set_device
from ivr.services import Services
from ivr.settings import Settings
from ivr.telephony import tokens
from ivr.telephony.tokens import ApiKey


class NoBrowserPhone(CalorError):
    """There is no browser phone to be had."""


def why_unavailable(services: Services) -> str:
    """Why nobody can answer in the browser; empty when they can."""
    if services.settings.browser_phones_enabled:
        return ""
    return "The line has no API key for browser phones: TWILIO_API_KEY_SID and TWILIO_API_KEY_SECRET are not set."


def choose_device(services: Services, agent_id: str, *, browser: bool, actor: Actor) -> Agent:
    """From the next call on. Raises NoBrowserPhone, and IllegalTransition while their phone rings or is in a call."""
    if browser and (why := why_unavailable(services)):
        raise NoBrowserPhone(why)
    for change in services.store.transact():
        agent = services.store.get(Agent, agent_id)
        if agent is None:
            raise NoBrowserPhone("You answer no telephone on this line.")
        new = change.put(agent, set_device(agent, browser=browser))
        change.log_action("agent phone", actor, agent=agent.id, phone="browser" if browser else "telephone")
    return new


def create_token(services: Services, agent_id: str) -> str:
    """An hour's access for the browser of whoever answers in it. Raises NoBrowserPhone."""
    if why := why_unavailable(services):
        raise NoBrowserPhone(why)
    agent = services.store.get(Agent, agent_id)
    if agent is None or not agent.uses_browser:
        raise NoBrowserPhone("Your calls ring your telephone.")
    return tokens.make_access_token(api_key(services.settings), agent.client_name)


def api_key(settings: Settings) -> ApiKey:
    return ApiKey(
        account_sid=settings.twilio_account_sid,
        sid=settings.twilio_api_key_sid,
        secret=settings.twilio_api_key_secret.get_secret_value(),
    )
