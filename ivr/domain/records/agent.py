"""Agents: the people who answer."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import ClassVar

from ivr.domain.errors import IllegalTransition
from ivr.domain.record import Record


class AgentState(StrEnum):
    OFFLINE = "offline"
    AVAILABLE = "available"
    RESERVED = "reserved"  # being offered someone
    ON_CALL = "on call"
    WRAP_UP = "wrap-up"
    AWAY = "away"


class AwayReason(StrEnum):
    """Why somebody is away, as they say it; `NO_ANSWER` is what the line says."""

    NONE = ""  # they are not away, or did not say
    BREAK = "break"
    LUNCH = "lunch"
    MEETING = "meeting"
    TRAINING = "training"
    OTHER = "other work"
    NO_ANSWER = "no answer"


BUSY = frozenset({AgentState.RESERVED, AgentState.ON_CALL, AgentState.WRAP_UP})


@dataclass(frozen=True, kw_only=True)
class Agent(Record):
    record_type: ClassVar[str] = "agent"

    name: str
    phone: str  # E.164
    uses_browser: bool = False  # they answer in the browser instead
    skills: tuple[str, ...] = ()
    languages: tuple[str, ...] = ("en",)
    supervisor: bool = False
    suggested_opening: str = ""  # how they like to begin, in their own words; {name} is the caller's
    extension: str = ""  # digits a colleague presses to reach them
    state: AgentState = AgentState.OFFLINE
    state_since: float = 0.0  # in this state
    leg: str = ""  # the leg that holds them while they are busy
    persistent_leg: str = ""  # the leg that stays on the line between calls
    unanswered: int = 0  # legs in a row that rang out
    state_after_call: AgentState = AgentState.AVAILABLE  # where they go after the call: asked for while busy
    away_reason: AwayReason = AwayReason.NONE  # while they are away or will be after the call

    @property
    def address(self) -> str:
        """What is rung to reach them: the number, or `client:` and the name that their browser phone registers with.

        Whoever is summoned is not at their desk, so it is the telephone then.
        """
        summoned = self.state is AgentState.RESERVED and self.state_after_call is AgentState.AWAY
        return f"client:{self.client_name}" if self.uses_browser and not summoned else self.phone

    @property
    def client_name(self) -> str:
        """Twilio's SDKs take letters, digits and underscores, up to 121. An id is at most 60 of [a-z0-9_]."""
        return self.id


def reserve(agent: Agent, leg: str, now: float) -> Agent:
    if agent.state is not AgentState.AVAILABLE:
        raise IllegalTransition(f"{agent.name} is {agent.state}, so cannot be reserved.")
    return replace(
        agent, state=AgentState.RESERVED, leg=leg, state_since=now, state_after_call=AgentState.AVAILABLE
    )


def summon(agent: Agent, leg: str, now: float) -> Agent:
    """Rung although they are away from their desk, for what nobody else has taken; away again afterwards."""
    if agent.state is not AgentState.AWAY:
        raise IllegalTransition(f"{agent.name} is {agent.state}, so is not rung from elsewhere.")
    return replace(
        agent, state=AgentState.RESERVED, leg=leg, state_since=now, state_after_call=AgentState.AWAY
    )


def engage(agent: Agent, now: float) -> Agent:
    return replace(agent, state=AgentState.ON_CALL, state_since=now, unanswered=0)


def wrap_up(agent: Agent, now: float) -> Agent:
    return replace(agent, state=AgentState.WRAP_UP, state_since=now)


def release(agent: Agent, now: float) -> Agent:
    """Free again, or wherever they asked to go meanwhile. Idle time counts from now."""
    return replace(agent, state=agent.state_after_call, leg="", state_since=now)


def miss_call(agent: Agent, now: float, *, max_missed: int = 2) -> Agent:
    """A leg rang out (RONA). After `max_missed` in a row they are away: callers should not wait for an empty chair."""
    count = agent.unanswered + 1
    then = AgentState.AWAY if count >= max_missed else agent.state_after_call
    enough = count >= max_missed
    why = (
        AwayReason.NO_ANSWER
        if enough and agent.state_after_call is not AgentState.AWAY
        else agent.away_reason
    )
    return replace(
        agent, state=then, leg="", state_since=now, unanswered=0 if enough else count, away_reason=why
    )


def set_device(agent: Agent, *, browser: bool) -> Agent:
    """Their browser instead of their telephone, or back. Raises IllegalTransition while one of them rings or is in a call."""
    if agent.state in BUSY:
        raise IllegalTransition(f"You are {agent.state}. Choose another phone after the call.")
    return replace(agent, uses_browser=browser)


def request_state(
    agent: Agent, state: AgentState, now: float, away_reason: AwayReason = AwayReason.NONE
) -> Agent:
    """What an agent or a colleague sets by hand. A busy agent finishes first."""
    if state in BUSY:
        raise IllegalTransition(
            f"{state} follows from calls and cannot be set. Choose available, away or offline."
        )
    told = away_reason if state is AgentState.AWAY else AwayReason.NONE
    if agent.state in BUSY:
        return replace(agent, state_after_call=state, away_reason=told)
    return replace(
        agent,
        state=state,
        state_since=now,
        state_after_call=AgentState.AVAILABLE,
        unanswered=0,
        away_reason=told,
    )
