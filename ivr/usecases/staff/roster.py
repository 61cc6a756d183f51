"""The people who answer: who they are and whether they can be asked."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, replace

from ivr.domain.actor import THE_LINE, By
from ivr.domain.errors import CalorError
from ivr.domain.phone_numbers import Why
from ivr.domain.records.agent import BUSY, Agent, AgentState, Away, ask_for
from ivr.domain.speech import spoken_text
from ivr.services import RedisServices, Services
from ivr.store import keys
from ivr.store.change import Change, abilities
from ivr.usecases.dialing import permissions

FIRST_EXTENSION = 101
LONGEST_OPENING = 200  # characters


class NoSuchAgent(CalorError):
    """Nobody has that name."""


@dataclass(frozen=True, kw_only=True)
class Told:
    name: str
    phone: str
    skills: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()  # the first is theirs; () = the line's first
    supervisor: bool = False
    extension: str = ""


def add(s: Services, told: Told, *, by: By = THE_LINE) -> Agent:
    """New, or changed under the same name; what they are doing stays."""
    _check(s, told)
    known = everyone(s)
    old = next((a for a in known if a.id == slug(told.name)), None)
    taken = {a.extension: a.name for a in known if a.id != slug(told.name)}
    if told.extension in taken and told.extension:
        raise CalorError(f"Extension {told.extension} is {taken[told.extension]}'s. Choose another.")
    extension = told.extension or (old.extension if old else "") or _free(taken)
    change = Change(now=s.clock.now())
    new = replace(
        old or Agent(id=slug(told.name), name="", phone=""),
        name=told.name.strip(),
        phone=told.phone,
        skills=told.skills,
        languages=told.languages or s.library.languages[:1],
        supervisor=told.supervisor,
        extension=extension,
    )
    if old is not None:
        change.op("DEL", keys.extension(old.extension))
    new = change.put(old, new)
    change.op("SET", keys.extension(extension), new.id)
    change.act("agent added", by, agent=new.id)
    if not s.store.commit(change):
        return add(s, told, by=by)
    return new


def _check(s: Services, told: Told) -> None:
    """Their telephone is one that may be rung, as a customer's must be; colleagues may share one."""
    if why := permissions.why_not(s, told.phone, customers=False):
        fix = " IVR_COUNTRIES says which countries are rung." if why is Why.COUNTRY else ""
        raise CalorError(f"{told.phone} cannot be rung ({why.value.replace('_', ' ')}).{fix}")
    for language in told.languages:
        if not spoken_text.is_language(language):
            spoken_here = ", ".join(s.library.languages)
            raise CalorError(
                f'"{language}" is no language. Say its short name, like en or es-MX; the line speaks {spoken_here}.'
            )


def _free(taken: dict[str, str]) -> str:
    number = FIRST_EXTENSION
    while str(number) in taken:
        number += 1
    return str(number)


def everyone(s: RedisServices) -> list[Agent]:
    return s.store.everyone(Agent)


def set_state(
    s: Services, name: str, state: AgentState, *, why: Away | None = None, by: By = THE_LINE
) -> Agent:
    """Raises NoSuchAgent, IllegalTransition."""
    while True:
        agent = _find(s, name)
        change = Change(now=s.clock.now())
        new = change.put(agent, ask_for(agent, state, change.now, why))
        change.act("agent state", by, agent=agent.id, state=state.value, why=new.why)
        if s.store.commit(change):
            return new


def set_opening(s: Services, name: str, words: str, *, by: By) -> Agent:
    """How they like to begin a call; their desk reminds them of it. Raises NoSuchAgent, CalorError."""
    said = " ".join(words.split())
    if len(said) > LONGEST_OPENING:
        raise CalorError(f"{len(said)} characters are too much to begin with; {LONGEST_OPENING} at most.")
    while True:
        agent = _find(s, name)
        change = Change(now=s.clock.now())
        new = change.put(agent, replace(agent, opening=said))
        change.act("agent opening", by, agent=agent.id)
        if s.store.commit(change):
            return new


def remove(s: Services, name: str, *, by: By = THE_LINE) -> Agent:
    while True:
        agent = _find(s, name)
        if agent.state in BUSY:
            raise CalorError(
                f"{agent.name} is {agent.state}. Set them offline, and remove them after the call."
            )
        change = Change(now=s.clock.now())
        change.expect(agent)
        can = abilities(agent)
        change.op("ZREM", keys.idle(can), agent.id)
        change.op("SREM", keys.works(can), agent.id)
        change.op("HDEL", keys.IDLE, agent.id)
        change.op("HDEL", keys.PHONES, agent.phone)
        change.op("ZREM", keys.everyone("agent"), agent.id)
        change.op("ZREM", keys.staff(agent.state.value), agent.id)
        change.op("DEL", keys.extension(agent.extension), agent.member)
        change.touch(agent.member)
        change.act("agent removed", by, agent=agent.id)
        if s.store.commit(change):
            return agent


def _find(s: Services, name: str) -> Agent:
    agent = s.store.get(Agent, slug(name))
    if agent is None:
        known = ", ".join(a.name for a in everyone(s)) or "nobody yet"
        raise NoSuchAgent(f"Nobody is called {name}. There are: {known}.")
    return agent


def slug(name: str) -> str:
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "_", plain).strip("_")[:60] or "agent"
