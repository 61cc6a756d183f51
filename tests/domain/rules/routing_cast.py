"""Callers, agents and who was matched with whom."""

from __future__ import annotations

from dataclasses import replace

from ivr.domain.rules.routing import (
    Ability,
    IdleAgent,
    Match,
    Waiting,
)

NOW = 10_000.0


def caller(name: str, waited: float = 10, **more: object) -> Waiting:
    return replace(Waiting(id=name, queued_at=NOW - waited), **more)  # type: ignore[arg-type]  # fields of Waiting


def agent(name: str, idle: float = 10, ability: Ability | None = None) -> IdleAgent:
    return IdleAgent(id=name, idle_since=NOW - idle, ability=ability or Ability())


def pairs(matches: list[Match]) -> dict[str, str]:
    return {found.waiting.id: found.agent.id for found in matches}
