"""A way through a flow in words: what the caller does, and which steps it leads through."""

from __future__ import annotations

from collections.abc import Iterable

from ivr.flow.checker.graph import Edge
from ivr.flow.turn import HeardKind


def act(edge: Edge) -> str:
    match edge.heard.kind:
        case HeardKind.KEYS:
            return f"press {edge.heard.value}"
        case HeardKind.WORDS:
            return "say something"
        case HeardKind.SILENCE:
            return "say nothing"
        case _:
            return {"full": "the line is full", "refused": "nothing can be written down"}.get(
                edge.heard.value, ""
            )


def acts(way: Iterable[Edge]) -> list[str]:
    return [one for edge in way if (one := act(edge))]


def times(did: list[str]) -> str:
    doing = [act.replace("press ", "pressing ").replace("say ", "saying ") for act in did] or [
        "doing nothing"
    ]
    if len(doing) == 1:
        return doing[0]
    if len(set(doing)) == 1:
        return f"{doing[0]} {'twice' if len(doing) == 2 else f'{len(doing)} times'}"
    return ", ".join(doing[:-1]) + f" and {doing[-1]}"


def path(way: list[Edge]) -> str:
    parts: list[str] = []
    for edge in way:
        did = {HeardKind.KEYS: edge.heard.value, HeardKind.WORDS: "speaks", HeardKind.SILENCE: "silence"}
        if edge.heard.kind in did and parts:
            parts[-1] = (
                f"{parts[-1]} ({did[edge.heard.kind]})"
                if "(" not in parts[-1]
                else (parts[-1].removesuffix(")") + f", {did[edge.heard.kind]})")
            )
        parts += [step for step in edge.answer.trail if not step.startswith("@") or step == "@person"]
    return " > ".join(part.replace("@person", "a person") for part in parts)
