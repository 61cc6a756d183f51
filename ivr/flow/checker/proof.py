"""The proof that a flow traps nobody, or a call that somebody could make and be trapped in.

Claimed of every kind of call, from every turn it can lead to:
  - whatever is pressed or not pressed, it cannot go in circles without a person or a promise, nor be hung up on;
  - who answers what is asked presses at most `max_keys` keys until a person or a promise is there, and waits at most
    `max_seconds` of speech and silence, also when from some point on they say nothing or press nothing but wrong keys.
Repeating, going back and choosing a language are the caller's own wish and count for neither. Who declines what they are owed has
decided; what else they call for then is counted anew, from where "something new" leads.
"""

from __future__ import annotations

from dataclasses import dataclass

from ivr.flow.checker.graph import CallGraph
from ivr.flow.checker.longest_path import CallPath, find_longest_path, reverse_topological
from ivr.flow.checker.traps import Trap, find_hangups, find_loops


@dataclass(frozen=True, kw_only=True)
class Proof:
    longest_path: CallPath | None  # by seconds
    most_keys: CallPath | None
    traps: tuple[Trap, ...]


def prove_flow(graph: CallGraph) -> Proof:
    circles = find_loops(graph)
    traps: dict[str, Trap] = {}
    for trap in (*circles, *find_hangups(graph)):
        traps.setdefault(trap.step + trap.problem, trap)
    if circles:  # in a circle there is no longest way
        return Proof(longest_path=None, most_keys=None, traps=tuple(traps.values()))
    order = reverse_topological(graph.start_edges)
    longest = find_longest_path(graph, order, lambda best: (best.seconds, best.keys))
    most_keys = find_longest_path(graph, order, lambda best: (best.keys, best.seconds))
    return Proof(longest_path=longest, most_keys=most_keys, traps=tuple(traps.values()))
