"""A flow file of three hundred steps, and the millions of kinds of call that it tells apart: read, checked and proved."""

from __future__ import annotations

import time

from ivr.flow.checker.check import check_flows
from ivr.flow.loader.library import parse_flows
from tests.bench.figures import Figure, Run, middle, progress, spread
from tests.flow.checker.large_flow import big_flow


def measure(run: Run) -> list[Figure]:
    files = big_flow()
    parse_flows(files)  # what is read once in a process: the words, the zones
    took, computed, calls, steps = [], [], 0, 0
    for _ in range(run.pick(7, 2)):
        began, before = time.perf_counter(), time.process_time()
        (report,) = check_flows(parse_flows(files))
        took.append(time.perf_counter() - began)
        computed.append(time.process_time() - before)
        calls, steps = report.call_kinds, len(report.flow.steps)
        progress(f"read and proved in {took[-1]:.2f} s")
    return [
        Figure(
            name="flows: 300 steps read and proved, processor",
            value=middle(computed),
            unit=" s",
            bar=1.0,
            note=f"{spread(computed)}; {middle(took):.2f} s on the clock; {steps} steps, {calls} kinds of call",
        )
    ]
