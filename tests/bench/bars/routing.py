"""The real router on a virtual clock: routing_sim.py says how."""

from __future__ import annotations

from tests.bench import routing_sim
from tests.bench.figures import Figure, Run


def measure(run: Run) -> list[Figure]:
    calls, runs = run.pick(30_000, 10_000), run.pick(8, 2)
    found = routing_sim.measure(calls, runs)
    same = f"{runs} x {calls} calls, 20 agents"
    erlang = routing_sim.erlang_c_wait(20, 3.6, 300)
    return [
        Figure(
            name="routing: mean wait, one skill, against Erlang C",
            value=found.one_skill,
            unit="x",
            bar=1.03,
            note=f"{same}; on the same draws, where one ideal line comes to {found.erlang:.3f} of Erlang's {erlang:.1f} s",
        ),
        Figure(
            name="routing: mean wait, 2 skills of 4, against pooled",
            value=found.two_of_four,
            unit="x",
            bar=1.2,
            note=same,
        ),
        Figure(
            name="stickiness: who get their own agent",
            value=found.own_share,
            unit="x",
            bar=1.7,
            least=True,
            note="against sticky only if idle",
        ),
        Figure(
            name="stickiness: mean wait",
            value=found.own_wait,
            unit="x",
            bar=1.02,
            note="against no stickiness",
        ),
    ]
