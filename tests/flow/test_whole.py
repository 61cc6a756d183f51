"""All kinds of call at once are proved as each of them alone would be."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from itertools import product

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ivr.flow.calls import Kinds, Lines
from ivr.flow.check import SINCE, check
from ivr.flow.explore import explore, explored
from ivr.flow.library import read_flows
from ivr.flow.model import Library
from ivr.flow.proof import Proof, prove
from ivr.flow.walk import Walk
from tests.flow.big import big_flow
from tests.flow.talk import MAIN, library

HOURS = """
support: {zone: America/New_York, weekdays: "8:00-20:00"}
bookings: {zone: America/New_York, weekdays: "9:00-12:00", saturday: "9:00-12:00"}
"""
QUEUES = "support: {hours: support}\nbookings: {hours: bookings}\n"
PROMPTS = 'welcome: "Hello[, {caller.name}].[ We open {opening}.]"\nwhat: "One or two?"\nbye: "Goodbye."\n'
WHEN = (
    "open: support",
    "closed: bookings",
    "caller: known",
    "owed: promise",
    "calls_today: {at_least: 2}",
    "agents_free: {queue: support, at_least: 1}",
    "estimate: {queue: bookings, at_most: 60}",
)


def each(kinds: Kinds) -> Iterator[Kinds]:
    """The kinds one by one, each as all there is."""
    free = [dict(zip(kinds.free, line, strict=True)) for line in product(*kinds.free.values())]
    waits = [dict(zip(kinds.estimates, line, strict=True)) for line in product(*kinds.estimates.values())]
    for at, who, calls, n, wait in product(kinds.times, kinds.callers, kinds.calls, free, waits):
        lines = Lines(
            calls=[calls],
            free={queue: [value] for queue, value in n.items()},
            estimates={queue: [value] for queue, value in wait.items()},
        )
        yield Kinds(kinds.library, [at], [who], lines)


def proofs(made: Library) -> tuple[Proof, list[Proof]]:
    main = made.flows["main"]
    kinds = Kinds.of(main, made, SINCE)
    whole = Walk(main, made, kinds)
    proof, alone = prove(explored(whole)), []
    for one in each(kinds):
        walk = Walk(main, made, one)
        walk.proved = set(whole.proved)  # the dialogues of promises, which are the same in all of them
        alone.append(prove(explored(walk)))
    return proof, alone


NAMES = [f"s{n}" for n in range(5)]
ends = st.sampled_from(["{queue: support}", "{queue: bookings}", "{promise: soonest, queue: bookings}"])
names = st.sampled_from(NAMES)


@st.composite
def steps(draw: st.DrawFn) -> str:
    lines = []
    for name in NAMES:
        a, b, when = draw(names), draw(names), draw(st.sampled_from(WHEN))
        kinds = (
            f"{{say: welcome, next: {a}}}",
            f"{{menu: what, options: {{1: {{next: {a}}}, 2: {{next: {b}}}}}}}",
            f"{{branch: [{{when: {{{when}}}, next: {a}}}, {{else: {b}}}]}}",
            f"{{recall: last_contact, same: {a}, other: {b}, nothing: {b}}}",
            f"{{ask: reason, next: {a}}}",
            "{goodbye: bye}",
        )
        lines.append(f"  {name}: {draw(st.one_of(st.sampled_from(kinds), ends))}\n")
    return "".join(lines)


@settings(max_examples=6, deadline=None, suppress_health_check=list(HealthCheck))
@given(steps())
def test_what_is_found_of_all_calls_together_is_what_is_found_of_each(made: str) -> None:
    whole, alone = proofs(library(made, hours_yaml=HOURS, queues_yaml=QUEUES, prompts_en_yaml=PROMPTS))
    assert {trap.step for trap in whole.traps} <= {trap.step for one in alone for trap in one.traps}
    assert bool(whole.traps) == any(one.traps for one in alone)
    if whole.longest and whole.most_keys:
        ways = [(one.longest, one.most_keys) for one in alone]
        assert whole.longest.seconds == pytest.approx(max(far.seconds for far, _ in ways if far))
        assert whole.most_keys.keys == max(most.keys for _, most in ways if most)


def test_a_flow_of_three_hundred_steps_with_millions_of_kinds_of_call_is_read_and_proved() -> None:
    """How long it takes is measured by `make bench --only flows`."""
    (report,) = check(read_flows(big_flow()))
    assert report.ok, report.faults
    assert len(report.flow.steps) > 300
    assert report.calls > 1_000_000
    assert gc.isenabled(), "the collector is as it was"


def test_a_flow_too_large_to_be_walked_through_is_refused() -> None:
    made = library("  a: {menu: what, options: {1: {next: q}}}\n  q: {queue: support}\n", header=MAIN)
    main = made.flows["main"]
    kinds = Kinds.of(main, made, SINCE)
    assert explore(main, made, kinds).whole
    (report,) = check(made, most=10)
    assert [fault.message for fault in report.faults] == [
        "the flow is too large to be proved: after 10 turns not all that can happen was walked through. Make two flows of it, or let fewer conditions stand one after the other"
    ]
