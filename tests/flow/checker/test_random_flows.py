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

from ivr.flow.checker.check import Report, check
from ivr.flow.checker.inputs import results
from ivr.flow.checker.proof import Trap, Way
from ivr.flow.checker.speaking_time import seconds
from ivr.flow.engine import begin, hear
from ivr.flow.loader.library import read_flows
from ivr.flow.model import Flow, Library, Scene
from ivr.flow.steps.promise import Promise
from ivr.flow.turn import (
    ChangePromise,
    Dial,
    End,
    Enqueue,
    Heard,
    HeardKind,
    LastContact,
    Listen,
    Lookup,
    MakePromise,
    Owed,
    Situation,
    TakeMessage,
    Turn,
    TurnTo,
)
from ivr.flow.yaml_source.entry import FlowFaults
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


def read(seed: int) -> tuple[Library, Report] | None:
    """None: it cannot even be read, as when a branch has one way twice."""
    try:
        library = read_flows(folder(seed))
    except FlowFaults:
        return None
    return library, check(library)[0]


def test_what_passes_traps_nobody_and_what_is_refused_can_be_shown(part: int) -> None:
    seen: Counter[str] = Counter()
    for seed in range(part * AT_ONCE, (part + 1) * AT_ONCE):
        found = read(seed)
        if found is None:
            seen["unreadable"] += 1
            continue
        library, report = found
        if report.ok:
            seen["passed"] += 1
            for n in range(CALLERS):
                somebody_calls(library, report.flow, Random(f"{seed} {n}"))
                somebody_answers(library, report, Random(f"{seed} {n}"))
        else:
            seen["refused"] += 1
        for trap in report.traps:
            shown(library, report.flow, trap)
        for way in (report.longest, report.most_keys):
            if way is not None:
                walked(library, report.flow, way)
    assert not seen["unreadable"], seen


# ---- what passes


def situation(chance: Random) -> Situation:
    year = datetime(2026, 1, 1, tzinfo=UTC)
    now = (year + timedelta(minutes=chance.randrange(366 * 24 * 60))).astimezone(ZoneInfo("America/New_York"))
    known, shown = chance.random() < 0.5, chance.random() < 0.5
    talked = known and chance.random() < 0.7
    theirs = (
        known and chance.random() < 0.6
    )  # else somebody is owed a call at this telephone, and no more is said
    owed = Owed(
        promise="p1", until=now + timedelta(hours=2), by="Danielle" if theirs else "", may_change=theirs
    )
    several = theirs and chance.random() < 0.5
    return Situation(
        now=now,
        number="+12025550123" if shown else "",
        known=known,
        name="Lori" if known else "",
        last=LastContact(at=now - timedelta(days=1), case="c1") if talked else None,
        owed=owed if several or chance.random() < 0.4 else None,
        also=(replace(owed, promise="p2"),) if several else (),
        calls_today=chance.randint(1, 5),
        agents_free={queue: chance.randint(0, 3) for queue in ("support", "bookings")},
        estimate={queue: chance.choice((None, 0, 59, 60, 61, 900)) for queue in ("support", "bookings")},
    )


def somebody_calls(library: Library, flow: Flow, chance: Random) -> None:
    """Whatever they press and say and however long they take: in the end there is a person, a promise or their own goodbye."""
    now = situation(chance)
    turn, reached = begin(flow, library, now, "en"), False
    did: list[str] = []
    for _ in range(LONGEST):
        if isinstance(turn.then, End):
            assert reached or "promise" in turn.position.memo, (flow.steps, did)
            return
        if isinstance(turn.then, Listen):
            heard = anything(chance)
        else:
            heard = Heard(kind=HeardKind.RESULT, value=chance.choice(results(turn.then, now)))
            if isinstance(turn.then, Enqueue) and chance.random() < 0.7:
                return  # a person
            word = heard.value.partition(" ")[0]
            own = (
                isinstance(turn.then, TakeMessage) and turn.position.stage == "recorded"
            )  # or said nothing, asked for it
            decided = isinstance(turn.then, ChangePromise) and word == "done"  # moved, or declined
            reached = reached or own or decided or word in HELPED
        did.append(heard.value or heard.kind.value)
        now = replace(now, now=now.now + timedelta(seconds=chance.choice((1, 5, 600))))
        turn = hear(flow, library, turn.position, now, heard)
    raise AssertionError((flow.steps, did))


def anything(chance: Random) -> Heard:
    match chance.randrange(10):
        case 0 | 1:
            return Heard(kind=HeardKind.SILENCE)
        case 2 | 3:
            return Heard(kind=HeardKind.WORDS, value=chance.choice(SAID))
        case 4:
            return Heard(
                kind=HeardKind.KEYS, value="".join(chance.choices("0123456789*#", k=chance.randint(0, 12)))
            )
        case _:
            return Heard(kind=HeardKind.KEYS, value=chance.choice("123456789012*#"))


def somebody_answers(library: Library, report: Report, chance: Random) -> None:
    """Who answers what is asked, and from some point on says nothing or presses only what means nothing, needs no more keys
    and seconds than the check says.
    """
    assert report.longest
    assert report.most_keys
    flow, now = report.flow, situation(chance)
    turn, keys, reached = begin(flow, library, now, "en"), 0, False
    passed = seconds(turn.says)
    patience = chance.randint(0, 8)
    for n in range(MOST_PATIENT):
        if reached or goal(flow, turn):
            assert keys <= report.most_keys.keys <= flow.max_keys, (flow.steps, keys)
            assert passed <= report.longest.seconds + ROUNDING, (flow.steps, passed)
            return
        if isinstance(turn.then, Listen):
            scene = Scene(flow=flow, library=library, situation=now, position=turn.position)
            answers = flow.step(turn.position.step).inputs(scene)
            answers = tuple(a for a in answers if not own_wish(flow, library, turn, now, a))
            if turn.position.tries or not answers or n >= patience:
                heard = chance.choice((Heard(kind=HeardKind.SILENCE), wrong(scene)))
            else:
                heard = chance.choice(answers)
                keys += 1
        else:
            heard = Heard(kind=HeardKind.RESULT, value=chance.choice(results(turn.then, now)))  # type: ignore[arg-type]  # End was a goal
            reached = heard.value.partition(" ")[0] in HELPED
        passed += waits(turn, heard)
        if isinstance(turn.then, ChangePromise) and heard.value == "done":
            keys, passed = 0, 0.0  # they have decided; what else they call for is another matter
        turn = hear(flow, library, turn.position, now, heard)
        passed += seconds(turn.says)
    raise AssertionError((flow.steps, "no person and no promise"))


def own_wish(flow: Flow, library: Library, turn: Turn, now: Situation, heard: Heard) -> bool:
    after = hear(flow, library, turn.position, now, heard)
    same = (after.position.step, after.position.stage) == (turn.position.step, turn.position.stage)
    return isinstance(after.then, TurnTo) or (same and after.position.language != turn.position.language)


def wrong(scene: Scene) -> Heard:
    known = {heard.value for heard in scene.flow.step(scene.position.step).inputs(scene)}
    return Heard(kind=HeardKind.KEYS, value=next(key for key in "876543219" if key not in known))


def goal(flow: Flow, turn: Turn) -> bool:
    """A person, a promise, or the offer of one; what was promised before still stands."""
    offers = isinstance(turn.then, Listen) and isinstance(flow.step(turn.position.step), Promise)
    found = isinstance(turn.then, Enqueue | MakePromise | TakeMessage | Dial | End)
    return offers or found or "promise" in turn.position.memo


# ---- what is refused


def fold(library: Library, flow: Flow, found: Trap | Way, more: tuple[Heard, ...] = ()) -> list[Turn]:
    call = found.made
    turns = [begin(flow, library, call.situation, call.language)]
    for heard in (*call.heard, *more):
        turns.append(hear(flow, library, turns[-1].position, call.situation, heard))
    return turns


def shown(library: Library, flow: Flow, trap: Trap) -> None:
    """The counterexample is a call that can be made, and it ends as it is told."""
    if not trap.round:
        turns = fold(library, flow, trap)
        assert isinstance(turns[-1].then, End), trap
        assert turns[-1].position.step == trap.step
        kept = [h.value.partition(" ")[0] for h in trap.made.heard if h.kind is HeardKind.RESULT]
        assert not HELPED & set(kept), trap
        return
    turns = fold(library, flow, trap, trap.round * 5)
    around = turns[len(trap.made.heard) :]
    assert not any(isinstance(turn.then, End) for turn in around), trap
    where = {(t.position.step, t.position.stage) for t in around[:: len(trap.round)]}
    assert len(where) == 1, trap
    assert trap.step == around[0].position.step


def walked(library: Library, flow: Flow, way: Way) -> None:
    """The longest way is one that can be gone, and takes what it is said to take."""
    turns = fold(library, flow, way)
    gone = list(zip(turns, way.made.heard, strict=False))
    asked = [(t, h) for t, h in gone if isinstance(t.then, Listen) and h.kind is not HeardKind.SILENCE]
    assert sum(not stumble(flow, library, way, t, h) for t, h in asked) == way.keys, way
    spoken = sum(seconds(t.says) for t in turns)
    assert abs(spoken + sum(waits(t, h) for t, h in gone) - way.seconds) < 0.01, way


def waits(turn: Turn, heard: Heard) -> float:
    if isinstance(turn.then, Lookup) or (isinstance(turn.then, Listen) and heard.kind is HeardKind.SILENCE):
        return float(turn.then.seconds)
    return 0.0


def stumble(flow: Flow, library: Library, way: Way, turn: Turn, heard: Heard) -> bool:
    scene = Scene(flow=flow, library=library, situation=way.made.situation, position=turn.position)
    return heard.value != "0" and heard not in flow.step(turn.position.step).inputs(scene)
