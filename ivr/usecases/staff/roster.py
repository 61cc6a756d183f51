"""The people who answer: who they are and whether they can be asked."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, replace

from ivr.domain.actor import SYSTEM, Actor
from ivr.domain.errors import CalorError
from ivr.domain.phone_numbers import DialRefusal
from ivr.domain.records.agent import BUSY, Agent, AgentState, AwayReason, request_state
from ivr.domain.speech import spoken_text
from ivr.services import RedisServices, Services
from ivr.store.queries import agents as stored_agents
from ivr.usecases.dialing import permissions

FIRST_EXTENSION = 101
MAX_OPENING_LENGTH = 200  # characters


class NoSuchAgent(CalorError):
    """Nobody has that name."""


@dataclass(frozen=True, kw_only=True)
class AgentDetails:
    name: str
    phone: str
    skills: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()  # the first is theirs; () = the line's first
    supervisor: bool = False
    extension: str = ""


def add_agent(services: Services, details: AgentDetails, *, actor: Actor = SYSTEM) -> Agent:
    """New, or changed under the same name; what they are doing stays."""
    _validate(services, details)
    known = list_agents(services)
    old = next((a for a in known if a.id == slugify(details.name)), None)
    taken = {a.extension: a.name for a in known if a.id != slugify(details.name)}
    if details.extension in taken and details.extension:
        raise CalorError(f"Extension {details.extension} is {taken[details.extension]}'s. Choose another.")
    extension = details.extension or (old.extension if old else "") or _next_free_extension(taken)
    change = services.store.begin()
    new = replace(
        old or Agent(id=slugify(details.name), name="", phone=""),
        name=details.name.strip(),
        phone=details.phone,
        skills=details.skills,
        languages=details.languages or services.library.languages[:1],
        supervisor=details.supervisor,
        extension=extension,
    )
    if old is not None:
        stored_agents.delete_extension(old.extension, change)
    new = change.put(old, new)
    stored_agents.set_extension(new, change)
    change.log_action("agent added", actor, agent=new.id)
    if not services.store.commit(change):
        return add_agent(services, details, actor=actor)
    return new


def _validate(services: Services, details: AgentDetails) -> None:
    """Their telephone is one that may be rung, as a customer's must be; colleagues may share one."""
    if why := permissions.why_not_dialable(services, details.phone, for_customer=False):
        fix = " IVR_COUNTRIES says which countries are rung." if why is DialRefusal.COUNTRY else ""
        raise CalorError(f"{details.phone} cannot be rung ({why.value.replace('_', ' ')}).{fix}")
    for language in details.languages:
        if not spoken_text.is_language(language):
            spoken_here = ", ".join(services.library.languages)
            raise CalorError(
                f'"{language}" is no language. Say its short name, like en or es-MX; the line speaks {spoken_here}.'
            )


def _next_free_extension(taken: dict[str, str]) -> str:
    number = FIRST_EXTENSION
    while str(number) in taken:
        number += 1
    return str(number)


def list_agents(s: RedisServices) -> list[Agent]:
    return s.store.list_all(Agent)


def set_state(
    services: Services,
    name: str,
    state: AgentState,
    *,
    reason: AwayReason = AwayReason.NONE,
    actor: Actor = SYSTEM,
) -> Agent:
    """Raises NoSuchAgent, IllegalTransition."""
    for change in services.store.transact():
        agent = _get_agent(services, name)
        new = change.put(agent, request_state(agent, state, change.now, reason))
        change.log_action("agent state", actor, agent=agent.id, state=state.value, why=new.away_reason.value)
    return new


def set_opening(services: Services, name: str, text: str, *, actor: Actor) -> Agent:
    """How they like to begin a call; their desk reminds them of it. Raises NoSuchAgent, CalorError."""
    said = " ".join(text.split())
    if len(said) > MAX_OPENING_LENGTH:
        raise CalorError(f"{len(said)} characters are too much to begin with; {MAX_OPENING_LENGTH} at most.")
    for change in services.store.transact():
        agent = _get_agent(services, name)
        new = change.put(agent, replace(agent, suggested_opening=said))
        change.log_action("agent opening", actor, agent=agent.id)
    return new


def remove_agent(services: Services, name: str, *, actor: Actor = SYSTEM) -> Agent:
    for change in services.store.transact():
        agent = _get_agent(services, name)
        if agent.state in BUSY:
            raise CalorError(
                f"{agent.name} is {agent.state}. Set them offline, and remove them after the call."
            )
        change.expect(agent)
        stored_agents.delete_agent(agent, change)
        change.touch_topic(agent.key)
        change.log_action("agent removed", actor, agent=agent.id)
    return agent


def _get_agent(services: Services, name: str) -> Agent:
    agent = services.store.get(Agent, slugify(name))
    if agent is None:
        known = ", ".join(a.name for a in list_agents(services)) or "nobody yet"
        raise NoSuchAgent(f"Nobody is called {name}. There are: {known}.")
    return agent


def slugify(name: str) -> str:
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "_", plain).strip("_")[:60] or "agent"
