"""A flow file of three hundred steps, and the millions of kinds of call that it tells apart: read, checked and proved."""

from __future__ import annotations

import time

from ivr.flow.check import check
from ivr.flow.library import read_flows
from tests.bench.figures import Figure, Run, middle, progress, spread
from tests.flow.big import big_flow


def measure(run: Run) -> list[Figure]:
    files = big_flow()
    read_flows(files)  # what is read once in a process: the words, the zones
    took, calls, steps = [], 0, 0
    for _ in range(run.pick(7, 2)):
        began = time.perf_counter()
        (report,) = check(read_flows(files))
        took.append(time.perf_counter() - began)
        calls, steps = report.calls, len(report.flow.steps)
        progress(f"read and proved in {took[-1]:.2f} s")
    return [
        Figure(
            name="flows: 300 steps read and proved",
            value=middle(took),
            unit=" s",
            bar=1.0,
            note=f"{spread(took)}; {steps} steps, {calls} kinds of call",
        )
    ]
