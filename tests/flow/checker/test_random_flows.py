"""I8 on flows that nobody wrote: what the check passes traps nobody, and what it refuses can be shown on the engine.

`pytest --flows 5000` (or `make proof`) tries more of them.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from random import Random
from zoneinfo import ZoneInfo

import pytest

from ivr.flow.checker.check import FlowReport, check_flows
from ivr.flow.checker.longest_path import CallPath
from ivr.flow.checker.speaking_time import speaking_seconds
from ivr.flow.checker.traps import Trap
from ivr.flow.engine import apply_input, start_flow
from ivr.flow.loader.library import parse_flows
from ivr.flow.model import Flow, Library, StepContext
from ivr.flow.steps.lookup import Lookup
from ivr.flow.steps.promise import PromiseStep
from ivr.flow.steps.promise_dialog import ChangePromise, MakePromise
from ivr.flow.steps.queue import Enqueue
from ivr.flow.steps.recall import SelectPromise
from ivr.flow.steps.transfer import DialExternal
from ivr.flow.turn import (
    CallerContext,
    Effect,
    EndOfCall,
    FlowInput,
    FlowInputKind,
    LastContact,
    Listen,
    OpenPromise,
    RecordMessage,
    Turn,
)
from ivr.flow.yaml_source.entry import InvalidFlows
from tests.flow.checker.random_flows import folder

AT_ONCE = 25  # flows in a test
CALLERS = 12  # for each flow
LONGEST = 600  # inputs: who presses * again and again is not trapped, and gives up some time
ROUNDING = 0.01  # seconds
MOST_PATIENT = 60  # inputs of somebody who answers what is asked
HELPED = {"made", "merged", "taken", "talked", "poor"}  # results by which somebody has been reached
SAID = ("agent please", "yes", "no", "something", "word1", "word5", "three", "", "\u202e<b>")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "part" in metafunc.fixturenames:
        many = metafunc.config.getoption("--flows")
        metafunc.parametrize("part", range(-(-many // AT_ONCE)))


def read(seed: int) -> tuple[Library, FlowReport] | None:
    """None: it cannot even be read, as when a branch has one way twice."""
    try:
        library = parse_flows(folder(seed))
    except InvalidFlows:
        return None
    return library, check_flows(library)[0]


def test_what_passes_traps_nobody_and_what_is_refused_can_be_shown(part: int) -> None:
    seen: Counter[str] = Counter()
    for seed in range(part * AT_ONCE, (part + 1) * AT_ONCE):
        found = read(seed)
        if found is None:
            seen["unreadable"] += 1
            continue
        library, report = found
        if report.is_sound:
            seen["passed"] += 1
            for n in range(CALLERS):
                somebody_calls(library, report.flow, Random(f"{seed} {n}"))
                somebody_answers(library, report, Random(f"{seed} {n}"))
        else:
            seen["refused"] += 1
        for trap in report.traps:
            shown(library, report.flow, trap)
        for way in (report.longest_path, report.most_keys):
            if way is not None:
                walked(library, report.flow, way)
    assert not seen["unreadable"], seen


# ---- what passes


def situation(chance: Random) -> CallerContext:
    year = datetime(2026, 1, 1, tzinfo=UTC)
    now = (year + timedelta(minutes=chance.randrange(366 * 24 * 60))).astimezone(ZoneInfo("America/New_York"))
    known, shown = chance.random() < 0.5, chance.random() < 0.5
    talked = known and chance.random() < 0.7
    theirs = (
        known and chance.random() < 0.6
    )  # else somebody is owed a call at this telephone, and no more is said
    owed = OpenPromise(
        promise_id="p1", until=now + timedelta(hours=2), agent="Danielle" if theirs else "", may_change=theirs
    )
    several = theirs and chance.random() < 0.5
    return CallerContext(
        now=now,
        number="+12025550123" if shown else "",
        known=known,
        name="Lori" if known else "",
        last_contact=LastContact(at=now - timedelta(days=1), case="c1") if talked else None,
        open_promise=owed if several or chance.random() < 0.4 else None,
        other_promises=(replace(owed, promise_id="p2"),) if several else (),
        calls_today=chance.randint(1, 5),
        agents_free={queue: chance.randint(0, 3) for queue in ("support", "bookings")},
        estimate={queue: chance.choice((None, 0, 59, 60, 61, 900)) for queue in ("support", "bookings")},
    )


def somebody_calls(library: Library, flow: Flow, chance: Random) -> None:
    """Whatever they press and say and however long they take: in the end there is a person, a promise or their own goodbye."""
    now = situation(chance)
    turn, reached = start_flow(flow, library, now, "en"), False
    did: list[str] = []
    for _ in range(LONGEST):
        if isinstance(turn.action, EndOfCall):
            assert reached or "promise" in turn.position.memo, (flow.steps, did)
            return
        if isinstance(turn.action, Listen):
            heard = anything(chance)
        else:
            heard = FlowInput(kind=FlowInputKind.RESULT, value=chance.choice(turn.action.list_results(now)))
            if isinstance(turn.action, Enqueue) and chance.random() < 0.7:
                return  # a person
            word = heard.value.partition(" ")[0]
            own = (
                isinstance(turn.action, RecordMessage) and turn.position.stage == "recorded"
            )  # or said nothing, asked for it
            decided = isinstance(turn.action, ChangePromise) and word == "done"  # moved, or declined
            reached = reached or own or decided or word in HELPED
        did.append(heard.value or heard.kind.value)
        now = replace(now, now=now.now + timedelta(seconds=chance.choice((1, 5, 600))))
        turn = apply_input(flow, library, turn.position, now, heard)
    raise AssertionError((flow.steps, did))


def anything(chance: Random) -> FlowInput:
    match chance.randrange(10):
        case 0 | 1:
            return FlowInput(kind=FlowInputKind.SILENCE)
        case 2 | 3:
            return FlowInput(kind=FlowInputKind.WORDS, value=chance.choice(SAID))
        case 4:
            return FlowInput(
                kind=FlowInputKind.KEYS,
                value="".join(chance.choices("0123456789*#", k=chance.randint(0, 12))),
            )
        case _:
            return FlowInput(kind=FlowInputKind.KEYS, value=chance.choice("123456789012*#"))


def somebody_answers(library: Library, report: FlowReport, chance: Random) -> None:
    """Who answers what is asked, and from some point on says nothing or presses only what means nothing, needs no more keys
    and seconds than the check says.
    """
    assert report.longest_path
    assert report.most_keys
    flow, now = report.flow, situation(chance)
    turn, keys, reached = start_flow(flow, library, now, "en"), 0, False
    passed = speaking_seconds(turn.prompts)
    patience = chance.randint(0, 8)
    for n in range(MOST_PATIENT):
        if reached or goal(flow, turn):
            assert keys <= report.most_keys.keys <= flow.max_keys, (flow.steps, keys)
            assert passed <= report.longest_path.seconds + ROUNDING, (flow.steps, passed)
            return
        if isinstance(turn.action, Listen):
            scene = StepContext(flow=flow, library=library, caller=now, position=turn.position)
            answers = flow.get_step(turn.position.step).example_inputs(scene)
            answers = tuple(a for a in answers if not own_wish(flow, library, turn, now, a))
            if turn.position.failures or not answers or n >= patience:
                heard = chance.choice((FlowInput(kind=FlowInputKind.SILENCE), wrong(scene)))
            else:
                heard = chance.choice(answers)
                keys += 1
        else:
            assert isinstance(turn.action, Effect)  # EndOfCall was a goal
            heard = FlowInput(kind=FlowInputKind.RESULT, value=chance.choice(turn.action.list_results(now)))
            reached = heard.value.partition(" ")[0] in HELPED
        passed += waits(turn, heard)
        if isinstance(turn.action, ChangePromise) and heard.value == "done":
            keys, passed = 0, 0.0  # they have decided; what else they call for is another matter
        turn = apply_input(flow, library, turn.position, now, heard)
        passed += speaking_seconds(turn.prompts)
    raise AssertionError((flow.steps, "no person and no promise"))


def own_wish(flow: Flow, library: Library, turn: Turn, now: CallerContext, heard: FlowInput) -> bool:
    after = apply_input(flow, library, turn.position, now, heard)
    same = (after.position.step, after.position.stage) == (turn.position.step, turn.position.stage)
    return isinstance(after.action, SelectPromise) or (
        same and after.position.language != turn.position.language
    )


def wrong(scene: StepContext) -> FlowInput:
    known = {heard.value for heard in scene.flow.get_step(scene.position.step).example_inputs(scene)}
    return FlowInput(kind=FlowInputKind.KEYS, value=next(key for key in "876543219" if key not in known))


def goal(flow: Flow, turn: Turn) -> bool:
    """A person, a promise, or the offer of one; what was promised before still stands."""
    offers = isinstance(turn.action, Listen) and isinstance(flow.get_step(turn.position.step), PromiseStep)
    found = isinstance(turn.action, Enqueue | MakePromise | RecordMessage | DialExternal | EndOfCall)
    return offers or found or "promise" in turn.position.memo


# ---- what is refused


def fold(
    library: Library, flow: Flow, found: Trap | CallPath, more: tuple[FlowInput, ...] = ()
) -> list[Turn]:
    call = found.example
    turns = [start_flow(flow, library, call.caller, call.language)]
    for heard in (*call.inputs, *more):
        turns.append(apply_input(flow, library, turns[-1].position, call.caller, heard))
    return turns


def shown(library: Library, flow: Flow, trap: Trap) -> None:
    """The counterexample is a call that can be made, and it ends as it is told."""
    if not trap.loop:
        turns = fold(library, flow, trap)
        assert isinstance(turns[-1].action, EndOfCall), trap
        assert turns[-1].position.step == trap.step
        kept = [h.value.partition(" ")[0] for h in trap.example.inputs if h.kind is FlowInputKind.RESULT]
        assert not HELPED & set(kept), trap
        return
    turns = fold(library, flow, trap, trap.loop * 5)
    around = turns[len(trap.example.inputs) :]
    assert not any(isinstance(turn.action, EndOfCall) for turn in around), trap
    where = {(t.position.step, t.position.stage) for t in around[:: len(trap.loop)]}
    assert len(where) == 1, trap
    assert trap.step == around[0].position.step


def walked(library: Library, flow: Flow, way: CallPath) -> None:
    """The longest way is one that can be gone, and takes what it is said to take."""
    turns = fold(library, flow, way)
    gone = list(zip(turns, way.example.inputs, strict=False))
    asked = [(t, h) for t, h in gone if isinstance(t.action, Listen) and h.kind is not FlowInputKind.SILENCE]
    assert sum(not stumble(flow, library, way, t, h) for t, h in asked) == way.keys, way
    spoken = sum(speaking_seconds(t.prompts) for t in turns)
    assert abs(spoken + sum(waits(t, h) for t, h in gone) - way.seconds) < 0.01, way


def waits(turn: Turn, heard: FlowInput) -> float:
    if isinstance(turn.action, Lookup) or (
        isinstance(turn.action, Listen) and heard.kind is FlowInputKind.SILENCE
    ):
        return float(turn.action.seconds)
    return 0.0


def stumble(flow: Flow, library: Library, way: CallPath, turn: Turn, heard: FlowInput) -> bool:
    scene = StepContext(flow=flow, library=library, caller=way.example.caller, position=turn.position)
    return heard.value != "0" and heard not in flow.get_step(turn.position.step).example_inputs(scene)
