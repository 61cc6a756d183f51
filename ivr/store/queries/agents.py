"""Agents: `agents:{state}`, `agent_phones`, `extension:{digits}`; and, to remove one, the router's indexes of who is free."""

from __future__ import annotations

from ivr.domain.records.agent import Agent
from ivr.store import keys
from ivr.store.change import Change, format_abilities
from ivr.store.queries import records
from ivr.store.query import Query, ask, parse_text


def count_in_state(state: str) -> Query[int]:
    return ask(("ZCARD", keys.agents(state)), int)


def list_in_state(state: str, limit: int) -> Query[list[str]]:
    """Ids of the agents who have been in the state the longest."""
    return ask(("ZRANGE", keys.agents(state), 0, limit - 1), list)


def get_id_by_phone(number: str) -> Query[str]:
    """The agent who has this phone (E.164); "" when nobody has."""
    return ask(("HGET", keys.AGENT_PHONES, number), parse_text)


def get_id_by_extension(digits: str) -> Query[str]:
    """The agent who has this extension; "" when nobody has."""
    return ask(("GET", keys.extension(digits)), parse_text)


def set_extension(agent: Agent, change: Change) -> None:
    """The agent's extension leads to the agent."""
    change.append_command("SET", keys.extension(agent.extension), agent.id)


def delete_extension(digits: str, change: Change) -> None:
    """The extension leads to nobody."""
    change.append_command("DEL", keys.extension(digits))


def delete_agent(agent: Agent, change: Change) -> None:
    """Delete the record, and the agent's entry in every index."""
    abilities = format_abilities(agent)
    change.append_command("ZREM", keys.idle(abilities), agent.id)
    change.append_command("SREM", keys.signed_in(abilities), agent.id)
    change.append_command("HDEL", keys.IDLE, agent.id)
    change.append_command("HDEL", keys.AGENT_PHONES, agent.phone)
    change.append_command("ZREM", keys.agents(agent.state.value), agent.id)
    delete_extension(agent.extension, change)
    records.delete(agent, change)
