"""All kinds of call at once are proved as each of them alone would be."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from itertools import product

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from ivr.flow.checker.call_space import CallSpace, QueueExamples
from ivr.flow.checker.check import YEAR_START, check_flows
from ivr.flow.checker.explore import explore_flow, explore_walk
from ivr.flow.checker.graph import CallGraph, Node
from ivr.flow.checker.inputs import EdgeKind
from ivr.flow.checker.proof import prove_flow
from ivr.flow.checker.walk import FlowWalk
from ivr.flow.loader.library import parse_flows
from ivr.flow.model import Library
from tests.flow.caller import MAIN, library
from tests.flow.checker.large_flow import big_flow
from tests.flow.checker.test_random_flows import shown

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


def each(kinds: CallSpace) -> Iterator[CallSpace]:
    """The kinds one by one, each as all there is."""
    free = [dict(zip(kinds.free_agents, line, strict=True)) for line in product(*kinds.free_agents.values())]
    waits = [dict(zip(kinds.estimates, line, strict=True)) for line in product(*kinds.estimates.values())]
    for at, who, calls, n, wait in product(kinds.times, kinds.callers, kinds.call_counts, free, waits):
        lines = QueueExamples(
            call_counts=[calls],
            free_agents={queue: [value] for queue, value in n.items()},
            estimates={queue: [value] for queue, value in wait.items()},
        )
        yield CallSpace(kinds.library, [at], [who], lines)


def graphs(made: Library) -> tuple[CallGraph, list[CallGraph]]:
    """Explore the flow for all kinds of call at once, and for each kind alone."""
    main = made.flows["main"]
    kinds = CallSpace.from_flow(main, made, YEAR_START)
    walk = FlowWalk(main, made, kinds)
    whole, alone = explore_walk(walk), []
    for one in each(kinds):
        single = FlowWalk(main, made, one)
        single.proved_dialogs = set(
            walk.proved_dialogs
        )  # the dialogues of promises, which are the same in all of them
        alone.append(explore_walk(single))
    return whole, alone


def loops(found: CallGraph) -> list[frozenset[str]]:
    """List the steps of each loop: of the largest sets of turns that all lead to each other without a person or a promise."""
    leads_to = {
        id(node): [
            edge.to
            for edge in node.edges
            if edge.kind is not EdgeKind.NAVIGATION and not edge.to.goal_reached
        ]
        for node in found.nodes
    }

    def after(node: Node) -> set[int]:
        seen: set[int] = set()
        work = [node]
        while work:
            new = [to for to in leads_to[id(work.pop())] if id(to) not in seen]
            seen |= {id(to) for to in new}
            work += new
        return seen

    follows = {id(node): after(node) for node in found.nodes}
    return [
        frozenset(
            other.step
            for other in found.nodes
            if id(other) in follows[id(node)] and id(node) in follows[id(other)]
        )
        for node in found.nodes
        if id(node) in follows[id(node)]
    ]


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


def loop(*lines: str) -> str:
    """Write steps s0, s1, ... of the test below."""
    return "".join(f"  s{n}: {line}\n" for n, line in enumerate(lines))


UNUSED = "{say: welcome, next: s0}"
ONE_OR_TWO = "{{menu: what, options: {{1: {{next: {}}}, 2: {{next: {}}}}}}}"
KNOWN = "{{branch: [{{when: {{caller: known}}, next: {}}}, {{else: {}}}]}}"
RECALL = "{{recall: last_contact, same: {}, other: {}, nothing: {}}}"
PERSON = "{queue: support}"
CALLBACK = "{promise: soonest, queue: bookings}"


@settings(max_examples=6, deadline=None, suppress_health_check=list(HealthCheck))
@given(steps())
# Everybody can press 1 at s0 again and again. Only who is owed a call can go round through s1.
@example(loop(ONE_OR_TWO.format("s0", "s1"), RECALL.format("s0", "s0", "s0"), UNUSED, UNUSED, UNUSED))
# The same without the loop that everybody can be in.
@example(loop(ONE_OR_TWO.format("s2", "s1"), RECALL.format("s0", "s0", "s2"), PERSON))
@example(loop(ONE_OR_TWO.format("s2", "s1"), RECALL.format("s0", "s2", "s2"), CALLBACK))
@example(loop(ONE_OR_TWO.format("s2", "s1"), RECALL.format("s2", "s0", "s0"), CALLBACK))
@example(loop(RECALL.format("s1", "s0", "s2"), ONE_OR_TWO.format("s0", "s2"), "{goodbye: bye}"))
@example(loop("{ask: reason, next: s1}", RECALL.format("s0", "s2", "s2"), PERSON))
# Only known callers can come back from s2 to s0.
@example(loop(ONE_OR_TWO.format("s1", "s3"), KNOWN.format("s2", "s3"), ONE_OR_TWO.format("s0", "s3"), PERSON))
# Everybody can press 1 at s1 again and again, and everybody can come back to s0, but not by the same way.
@example(
    loop(
        ONE_OR_TWO.format("s1", "s4"),
        ONE_OR_TWO.format("s1", "s2"),
        KNOWN.format("s0", "s3"),
        ONE_OR_TWO.format("s0", "s4"),
        PERSON,
    )
)
# Two loops, each for other callers.
@example(
    loop(
        KNOWN.format("s1", "s2"),
        ONE_OR_TWO.format("s1", "s3"),
        ONE_OR_TWO.format("s2", "s4"),
        PERSON,
        CALLBACK,
    )
)
# Only some callers are hung up on.
@example(loop(ONE_OR_TWO.format("s1", "s2"), RECALL.format("s0", "s2", "s3"), PERSON, "{goodbye: bye}"))
def test_what_is_found_of_all_calls_together_is_what_is_found_of_each(made: str) -> None:
    """Each kind alone is told one circle of each of its loops. All together may be told another circle of the same loop, or more of
    them: callers that a condition tells apart share the turns before it, and not those after it, so that their loop is several there.
    """
    read = library(made, hours_yaml=HOURS, queues_yaml=QUEUES, prompts_en_yaml=PROMPTS)
    together, single = graphs(read)
    whole, alone = prove_flow(together), [prove_flow(one) for one in single]
    circles = {trap.step for trap in whole.traps if trap.loop}
    looping = {steps for one in single for steps in loops(one)}
    assert circles <= {step for steps in looping for step in steps}
    assert all(circles & steps for steps in looping)
    for proof, one in zip(alone, single, strict=True):
        told = {trap.step for trap in proof.traps if trap.loop}
        assert all(told & steps for steps in loops(one))
    hangups = {trap.step for one in alone for trap in one.traps if not trap.loop}
    assert {trap.step for trap in whole.traps if not trap.loop} == hangups
    for trap in whole.traps:
        shown(read, read.flows["main"], trap)
    if whole.longest_path and whole.most_keys:
        ways = [(one.longest_path, one.most_keys) for one in alone]
        assert whole.longest_path.seconds == pytest.approx(max(far.seconds for far, _ in ways if far))
        assert whole.most_keys.keys == max(most.keys for _, most in ways if most)


def test_a_flow_of_three_hundred_steps_with_millions_of_kinds_of_call_is_read_and_proved() -> None:
    """How long it takes is measured by `make bench --only flows`."""
    (report,) = check_flows(parse_flows(big_flow()))
    assert report.is_sound, report.faults
    assert len(report.flow.steps) > 300
    assert report.call_kinds > 1_000_000
    assert gc.isenabled(), "the collector is as it was"


def test_a_flow_too_large_to_be_walked_through_is_refused() -> None:
    made = library("  a: {menu: what, options: {1: {next: q}}}\n  q: {queue: support}\n", header=MAIN)
    main = made.flows["main"]
    kinds = CallSpace.from_flow(main, made, YEAR_START)
    assert explore_flow(main, made, kinds).is_complete
    (report,) = check_flows(made, max_nodes=10)
    assert [fault.message for fault in report.faults] == [
        "the flow is too large to be proved: after 10 turns not all that can happen was walked through. Make two flows of it, or let fewer conditions stand one after the other"
    ]
