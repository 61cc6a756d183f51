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


class Away(StrEnum):
    """Why somebody is away, as they say it; `NO_ANSWER` is what the line says."""

    BREAK = "break"
    LUNCH = "lunch"
    MEETING = "meeting"
    TRAINING = "training"
    OTHER = "other work"
    NO_ANSWER = "no answer"


BUSY = frozenset({AgentState.RESERVED, AgentState.ON_CALL, AgentState.WRAP_UP})


@dataclass(frozen=True, kw_only=True)
class Agent(Record):
    noun: ClassVar[str] = "agent"

    name: str
    phone: str  # E.164
    browser: bool = False  # they answer in the browser instead
    skills: tuple[str, ...] = ()
    languages: tuple[str, ...] = ("en",)
    supervisor: bool = False
    opening: str = ""  # how they like to begin, in their own words; {name} is the caller's
    extension: str = ""  # digits a colleague presses to reach them
    state: AgentState = AgentState.OFFLINE
    since: float = 0.0  # in this state
    offer: str = ""  # the leg that holds them while they are busy
    on_line: str = ""  # the offer whose leg stays on the line between calls
    unanswered: int = 0  # offers in a row that rang out
    then: AgentState = AgentState.AVAILABLE  # where they go after the call: asked for while busy
    why: str = ""  # an Away, while they are away or will be after the call

    @property
    def rings(self) -> str:
        """What is rung to reach them: the number, or `client:` and the name that their browser phone registers with.

        Whoever is summoned is not at their desk, so it is the telephone then.
        """
        summoned = self.state is AgentState.RESERVED and self.then is AgentState.AWAY
        return f"client:{self.identity}" if self.browser and not summoned else self.phone

    @property
    def identity(self) -> str:
        """Twilio's SDKs take letters, digits and underscores, up to 121. An id is at most 60 of [a-z0-9_]."""
        return self.id


def reserve(agent: Agent, offer: str, now: float) -> Agent:
    if agent.state is not AgentState.AVAILABLE:
        raise IllegalTransition(f"{agent.name} is {agent.state}, so cannot be reserved.")
    return replace(agent, state=AgentState.RESERVED, offer=offer, since=now, then=AgentState.AVAILABLE)


def summon(agent: Agent, offer: str, now: float) -> Agent:
    """Rung although they are away from their desk, for what nobody else has taken; away again afterwards."""
    if agent.state is not AgentState.AWAY:
        raise IllegalTransition(f"{agent.name} is {agent.state}, so is not rung from elsewhere.")
    return replace(agent, state=AgentState.RESERVED, offer=offer, since=now, then=AgentState.AWAY)


def engage(agent: Agent, now: float) -> Agent:
    return replace(agent, state=AgentState.ON_CALL, since=now, unanswered=0)


def wrap_up(agent: Agent, now: float) -> Agent:
    return replace(agent, state=AgentState.WRAP_UP, since=now)


def release(agent: Agent, now: float) -> Agent:
    """Free again, or wherever they asked to go meanwhile. Idle time counts from now."""
    return replace(agent, state=agent.then, offer="", since=now)


def missed(agent: Agent, now: float, *, most: int = 2) -> Agent:
    """An offer rang out (RONA). After `most` in a row they are away: callers should not wait for an empty chair."""
    count = agent.unanswered + 1
    then = AgentState.AWAY if count >= most else agent.then
    enough = count >= most
    why = Away.NO_ANSWER.value if enough and agent.then is not AgentState.AWAY else agent.why
    return replace(agent, state=then, offer="", since=now, unanswered=0 if enough else count, why=why)


def answer_in(agent: Agent, *, browser: bool) -> Agent:
    """Their browser instead of their telephone, or back. Raises IllegalTransition while one of them rings or is in a call."""
    if agent.state in BUSY:
        raise IllegalTransition(f"You are {agent.state}. Choose another phone after the call.")
    return replace(agent, browser=browser)


def ask_for(agent: Agent, state: AgentState, now: float, why: Away | None = None) -> Agent:
    """What an agent or a colleague sets by hand. A busy agent finishes first."""
    if state in BUSY:
        raise IllegalTransition(
            f"{state} follows from calls and cannot be set. Choose available, away or offline."
        )
    told = why.value if why is not None and state is AgentState.AWAY else ""
    if agent.state in BUSY:
        return replace(agent, then=state, why=told)
    return replace(agent, state=state, since=now, then=AgentState.AVAILABLE, unanswered=0, why=told)
