"""A call that was really made, run through other flows: where it would have gone, after how many keys and seconds.

What a caller did is known by step and key. In other flows the same key may mean something else, so it is their wish that is
repeated: whoever chose the option that leads to bookings presses whatever leads there in the draft. At a step that they never
met they say nothing, which is what people do who do not know yet; each such step is told as a guess.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import pairwise

from ivr.flow.checker.speaking_time import seconds
from ivr.flow.engine import begin, hear
from ivr.flow.model import Flow, Library, Scene
from ivr.flow.steps.menu import Menu, Option
from ivr.flow.turn import (
    Dial,
    End,
    Enqueue,
    Heard,
    HeardKind,
    Listen,
    MakePromise,
    Situation,
    TakeMessage,
    Then,
    Turn,
)

MOST_TURNS = 60  # of a call; longer ones are broken
KEY = 1.0  # seconds in which a key is pressed once something was said
WORDS = 2.5  # seconds of a sentence


@dataclass(frozen=True, kw_only=True)
class Did:
    """`what`: a key, "digits", "words", "words:2" (words that chose the option 2), "silence"."""

    step: str
    what: str


@dataclass(frozen=True, kw_only=True)
class Call:
    """A call as the record knows it. Of words only that there were some."""

    id: str
    line: str
    language: str
    situation: Situation
    did: tuple[Did, ...]


@dataclass(frozen=True, kw_only=True)
class Went:
    """`end`: "person QUEUE", "promise QUEUE", "message QUEUE", "transfer" or "left". `seconds`: until then."""

    flow: str
    end: str
    keys: int
    seconds: float
    steps: tuple[str, ...]
    guessed: tuple[str, ...] = ()  # steps that this caller never met

    @property
    def path(self) -> str:
        return " > ".join(step for step in self.steps if not step.startswith("@"))


@dataclass(kw_only=True)
class _Caller:
    """What is left of what they did, by step."""

    made_in: Flow  # the flow that gave their keys a meaning
    left: dict[str, list[str]] = field(default_factory=dict)
    guessed: list[str] = field(default_factory=list)

    def answers(self, flow: Flow, scene: Scene, listen: Listen) -> tuple[Heard, float]:
        """What they do here, and after how many seconds."""
        name = scene.position.step
        if not self.left.get(name):
            self.guessed.append(name)
            return Heard(kind=HeardKind.SILENCE), listen.seconds
        what = self.left[name].pop(0)
        if what == "silence":
            return Heard(kind=HeardKind.SILENCE), listen.seconds
        if what == "words":
            return Heard(kind=HeardKind.WORDS, value="something"), WORDS
        if what == "digits":
            typed = next((h for h in flow.step(name).inputs(scene) if len(h.value) > 1), None)
            return typed or Heard(kind=HeardKind.SILENCE), KEY * (len(typed.value) if typed else 1)
        key, said = what.removeprefix("words:"), what.startswith("words:")
        step = flow.step(name)
        if isinstance(step, Menu) and key in "123456789":
            return self._wish(step, key, listen, said=said)
        return Heard(kind=HeardKind.KEYS, value=key), KEY

    def _wish(self, menu: Menu, key: str, listen: Listen, *, said: bool) -> tuple[Heard, float]:
        meant = self._meant(menu.name, key)
        found = _same(menu, meant) if meant else next((o for o in menu.options if o.key == key), None)
        if found is None:
            self.guessed.append(menu.name)
            return Heard(kind=HeardKind.SILENCE), listen.seconds
        if said and found.every_word:
            return Heard(kind=HeardKind.WORDS, value=found.every_word[0]), WORDS
        return Heard(kind=HeardKind.KEYS, value=found.key), KEY

    def _meant(self, menu: str, key: str) -> Option | None:
        step = self.made_in.steps.get(menu)
        options = step.options if isinstance(step, Menu) else ()
        return next((option for option in options if option.key == key), None)


def _same(menu: Menu, meant: Option) -> Option | None:
    """The option that grants the same wish: it leads to the same place, or listens for the same words."""
    tests = (
        lambda o: o.next.name == meant.next.name and o.language == meant.language,
        lambda o: bool(meant.language) and o.language == meant.language,
        lambda o: bool(set(o.every_word) & set(meant.every_word)),
    )
    return next((o for test in tests for o in menu.options if test(o)), None)


def walk(library: Library, call: Call, made_in: Flow) -> Went:
    """`made_in`: the flow that the call went through, by which its keys are understood."""
    flow = library.for_line(call.line)
    left: dict[str, list[str]] = {}
    for did in call.did:
        left.setdefault(did.step, []).append(did.what)
    caller = _Caller(made_in=made_in, left=left)
    turn = begin(flow, library, call.situation, call.language)
    keys, passed, steps = 0, 0.0, list(turn.trail)
    for _ in range(MOST_TURNS):
        passed += seconds(turn.says)
        if end := _end(turn, flow):
            break
        if isinstance(turn.then, Listen):
            scene = Scene(flow=flow, library=library, situation=call.situation, position=turn.position)
            heard, after = caller.answers(flow, scene, turn.then)
            keys += heard.kind is HeardKind.KEYS
            passed += after
        else:
            heard = Heard(kind=HeardKind.RESULT, value=_result(turn.then, call.situation))
        turn = hear(flow, library, turn.position, call.situation, heard)
        steps += turn.trail
    else:
        end = "left"
    return Went(
        flow=flow.name,
        end=end,
        keys=keys,
        seconds=round(passed, 1),
        steps=tuple(steps),
        guessed=tuple(dict.fromkeys(caller.guessed)),
    )


def _end(turn: Turn, flow: Flow) -> str:
    match turn.then:
        case Enqueue(queue=queue):
            return f"person {queue}"
        case MakePromise(queue=queue):
            return f"promise {queue or flow.person}"
        case TakeMessage(queue=queue):
            return f"message {queue or flow.person}"
        case Dial():
            return "transfer"
        case End():
            return "left"
        case _:
            return ""


def _result(effect: Then, situation: Situation) -> str:
    """What an effect most likely came to; of the company's own system nothing is known afterwards."""
    name = type(effect).__name__
    if name == "FindWindows":
        first = situation.now + timedelta(hours=1)
        return json.dumps(list(pairwise((first + timedelta(hours=n)).isoformat() for n in range(4))))
    return _LIKELY.get(name, "done")


_LIKELY: Mapping[str, str] = {
    "SendText": "sent",
    "Reason": "kept",
    "Rate": "kept",
    "Comment": "kept",
    "JoinCase": "joined",
    "TextCode": "no_text",
    "CheckCode": "over",
    "Lookup": "failed",
}


@dataclass(frozen=True, kw_only=True)
class Pair:
    """One call, as it goes through what is published, and as it would go through the draft."""

    call: Call
    live: Went
    draft: Went

    @property
    def elsewhere(self) -> bool:
        return self.live.end != self.draft.end

    @property
    def sooner(self) -> float:
        """Seconds by which it ends sooner in the draft; negative: later."""
        return self.live.seconds - self.draft.seconds


def rehearse(live: Library, draft: Library, call: Call) -> Pair:
    flow = live.for_line(call.line)
    return Pair(call=call, live=walk(live, call, flow), draft=walk(draft, call, flow))
