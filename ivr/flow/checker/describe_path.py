"""A way through a flow in words: what the caller does, and which steps it leads through."""

from __future__ import annotations

from collections.abc import Iterable

from ivr.flow.checker.graph import Edge
from ivr.flow.turn import FlowInputKind


def describe_edge(edge: Edge) -> str:
    match edge.flow_input.kind:
        case FlowInputKind.KEYS:
            return f"press {edge.flow_input.value}"
        case FlowInputKind.WORDS:
            return "say something"
        case FlowInputKind.SILENCE:
            return "say nothing"
        case _:
            return {"full": "the line is full", "refused": "nothing can be written down"}.get(
                edge.flow_input.value, ""
            )


def describe_edges(edges: Iterable[Edge]) -> list[str]:
    return [one for edge in edges if (one := describe_edge(edge))]


def describe_actions(actions: list[str]) -> str:
    doing = [act.replace("press ", "pressing ").replace("say ", "saying ") for act in actions] or [
        "doing nothing"
    ]
    if len(doing) == 1:
        return doing[0]
    if len(set(doing)) == 1:
        return f"{doing[0]} {'twice' if len(doing) == 2 else f'{len(doing)} times'}"
    return ", ".join(doing[:-1]) + f" and {doing[-1]}"


def describe_steps(edges: list[Edge]) -> str:
    parts: list[str] = []
    for edge in edges:
        did = {
            FlowInputKind.KEYS: edge.flow_input.value,
            FlowInputKind.WORDS: "speaks",
            FlowInputKind.SILENCE: "silence",
        }
        if edge.flow_input.kind in did and parts:
            parts[-1] = (
                f"{parts[-1]} ({did[edge.flow_input.kind]})"
                if "(" not in parts[-1]
                else (parts[-1].removesuffix(")") + f", {did[edge.flow_input.kind]})")
            )
        parts += [
            step for step in edge.outcome.entered_steps if not step.startswith("@") or step == "@person"
        ]
    return " > ".join(part.replace("@person", "a person") for part in parts)
