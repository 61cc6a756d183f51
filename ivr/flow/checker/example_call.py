"""The call that somebody could make to go a certain way through a flow: as an example for the engine, and in words."""

from __future__ import annotations

from dataclasses import dataclass
from functools import reduce
from operator import and_

from ivr.flow.checker.call_space import CallSet
from ivr.flow.checker.graph import CallGraph, Edge
from ivr.flow.turn import CallerContext, FlowInput


@dataclass(frozen=True, kw_only=True)
class ExampleCall:
    """A call that somebody could make, for the engine: who calls when, in which language, and what they do."""

    caller: CallerContext
    language: str
    inputs: tuple[FlowInput, ...]


def describe_call(graph: CallGraph, edges: list[Edge]) -> str:
    """How to make a call that goes this way. Of a promise one example is walked through."""
    return graph.call_space.describe(_calls_along(edges))


def _calls_along(edges: list[Edge]) -> CallSet:
    """Who can go all of it: others have come in with them, from elsewhere, where nothing told them apart any more."""
    last = next((n for n, edge in enumerate(edges) if edge.to.state.in_promise_dialog), len(edges))
    return reduce(and_, (edge.calls for edge in edges[: last + 1]))


def make_example_call(graph: CallGraph, edges: list[Edge]) -> ExampleCall:
    """The first edge is the call's beginning, at which nothing is heard."""
    return ExampleCall(
        caller=graph.call_space.make_context(graph.call_space.first_kind(_calls_along(edges))),
        language=edges[0].to.state.turn.position.language,
        inputs=tuple(edge.flow_input for edge in edges[1:]),
    )
