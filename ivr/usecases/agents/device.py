"""Where an agent answers: on their telephone, or in the browser. They choose, between calls."""

from __future__ import annotations

from ivr.domain.actor import By
from ivr.domain.errors import CalorError
from ivr.domain.records.agent import Agent, answer_in
from ivr.services import Services
from ivr.settings import Settings
from ivr.store.change import Change
from ivr.telephony import tokens
from ivr.telephony.tokens import ApiKey


class NoBrowserPhone(CalorError):
    """There is no browser phone to be had."""


def why_not(s: Services) -> str:
    """Why nobody can answer in the browser; empty when they can."""
    if s.settings.browser_phones:
        return ""
    return "The line has no API key for browser phones: TWILIO_API_KEY_SID and TWILIO_API_KEY_SECRET are not set."


def choose(s: Services, agent_id: str, *, browser: bool, by: By) -> Agent:
    """From the next call on. Raises NoBrowserPhone, and IllegalTransition while their phone rings or is in a call."""
    if browser and (why := why_not(s)):
        raise NoBrowserPhone(why)
    while True:
        agent = s.store.get(Agent, agent_id)
        if agent is None:
            raise NoBrowserPhone("You answer no telephone on this line.")
        change = Change(now=s.clock.now())
        new = change.put(agent, answer_in(agent, browser=browser))
        change.act("agent phone", by, agent=agent.id, phone="browser" if browser else "telephone")
        if s.store.commit(change):
            return new


def token(s: Services, agent_id: str) -> str:
    """An hour's access for the browser of whoever answers in it. Raises NoBrowserPhone."""
    if why := why_not(s):
        raise NoBrowserPhone(why)
    agent = s.store.get(Agent, agent_id)
    if agent is None or not agent.browser:
        raise NoBrowserPhone("Your calls ring your telephone.")
    return tokens.make(api_key(s.settings), agent.identity)


def api_key(settings: Settings) -> ApiKey:
    return ApiKey(
        account_sid=settings.twilio_account_sid,
        sid=settings.twilio_api_key_sid,
        secret=settings.twilio_api_key_secret.get_secret_value(),
    )
