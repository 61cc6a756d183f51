"""The flow engine: a fold of what a caller does over a flow. Pure: the same inputs give the same turns.

    turn = begin(flow, library, situation, language)
    turn = hear(flow, library, turn.position, situation, heard)

True at every step, whatever is asked and without the author's doing: 0 and "a person, please" lead to a person, * repeats,
# goes back, and after two silences or mistakes in a row there is a person. A closed or full queue is a promise instead.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from ivr.flow.model import Flow, Library, Scene
from ivr.flow.phrases.understanding import wants_person
from ivr.flow.step_results import BACK, REASON, Ask, Do, Go, Leave, Mistake, Move, Silent
from ivr.flow.turn import End, Heard, HeardKind, Position, Reason, Says, Situation, Turn

MAX_TRIES = 2
# Longer chains of steps that do not listen are loops; the checker refuses them, and here they lead to a person.
MAX_CHAIN = 40
MAX_BACK = 6

_NOTHING: Mapping[str, str] = {}

LEFT = "left"  # stage: the goodbye was said

BEGIN = Heard(kind=HeardKind.BEGIN)


def begin(flow: Flow, library: Library, situation: Situation, language: str) -> Turn:
    return begin_at(flow, library, situation, language, flow.start)


def begin_at(
    flow: Flow,
    library: Library,
    situation: Situation,
    language: str,
    step: str,
    params: Mapping[str, str] | None = None,
) -> Turn:
    """Enter at any step: one of the flow's, or "@person", "@promise", "@closed", "@full", "@choose_time", "@reason", "@case".

    `params` for the built-in ones: `queue`, `skills` (comma-separated), `number`, `next` (step to go to afterwards),
    `reason` = "known" when the caller has said it already.
    """
    short = language.split("-", maxsplit=1)[0]
    known = (one for one in (language, short) if one in flow.languages)
    spoken_language = next(known, flow.languages[0])
    memo = dict(params or {})
    if memo.pop("reason", ""):
        memo[REASON] = "1"
    return enter(flow, library, Position(step=step, language=spoken_language, memo=memo), situation)


def hear(flow: Flow, library: Library, position: Position, situation: Situation, heard: Heard) -> Turn:
    found = answer(flow, library, position, situation, heard)
    return found if isinstance(found, Turn) else _entered(flow, library, found, situation)


@dataclass(frozen=True, kw_only=True)
class Passage:
    """On to another step, which is not entered yet."""

    position: Position
    says: tuple[Says, ...] = ()


def answer(
    flow: Flow, library: Library, position: Position, situation: Situation, heard: Heard
) -> Turn | Passage:
    """What the step makes of it by itself."""
    scene = Scene(flow=flow, library=library, situation=situation, position=position)
    step = flow.step(position.step)
    if heard.kind is HeardKind.BEGIN:
        return Passage(position=position)
    if heard.kind is HeardKind.KEYS and not heard.value:
        heard = Heard(kind=HeardKind.SILENCE)
    if _asks_for_person(scene, heard):
        return _carried_out(scene, step.person(scene))
    if position.stage == LEFT:  # a late request after the goodbye changes nothing
        return Turn(position=position, says=(), then=End())
    if heard.kind is HeardKind.KEYS and "*" in heard.value:
        return _carried_out(scene, step.again(scene))
    if heard.kind is HeardKind.KEYS and heard.value == "#":
        return _back(scene)
    return _carried_out(scene, step.hear(scene, heard))


def enter(flow: Flow, library: Library, position: Position, situation: Situation) -> Turn:
    return _entered(flow, library, Passage(position=position), situation)


def enter_step(flow: Flow, library: Library, position: Position, situation: Situation) -> Turn | Passage:
    """Enter one step, and none of those that it may lead to."""
    scene = Scene(flow=flow, library=library, situation=situation, position=position)
    return _carried_out(scene, flow.step(position.step).enter(scene))


def follow(position: Position, passed: int) -> Position:
    """Return the step that is entered after `passed` others: a person instead of this one, when they are a loop."""
    return _at(position, "@person") if passed == MAX_CHAIN else position


def _entered(flow: Flow, library: Library, found: Turn | Passage, situation: Situation) -> Turn:
    """Through steps that neither listen nor ask for an effect, until one does or the call ends."""
    says: tuple[Says, ...] = found.says
    trail: tuple[str, ...] = ()
    while isinstance(found, Passage):
        at = follow(found.position, len(trail))
        found = enter_step(flow, library, at, situation)
        trail += (at.step,)
        says += found.says
    return replace(found, says=says, trail=trail)


def _asks_for_person(scene: Scene, heard: Heard) -> bool:
    if heard.kind is HeardKind.KEYS:
        # In a longer entry 0 is a digit like any other; alone, it is a wish.
        return heard.value == "0"
    if heard.kind is HeardKind.WORDS:
        free = scene.flow.step(scene.position.step).free_speech(scene)
        return wants_person(heard.value, scene.book, free=free)
    return False


def _carried_out(
    scene: Scene, move: Move, says: tuple[Says, ...] = (), *, failed: bool = False
) -> Turn | Passage:
    """A step's move. Of a silence or a mistake, what the step does then; of too many, a person."""
    at = scene.position
    step = scene.flow.step(at.step)
    match move:
        case Go():
            to = _at(at, move.to, move.memo, move.language)
            return Passage(position=to, says=says + move.says)
        case Ask() | Do() | Leave():
            return _turn(at, move, says, failed=failed)
        case Mistake() | Silent() if at.tries + 1 >= MAX_TRIES:
            said = scene.word("menu.person")
            scene = replace(scene, position=replace(at, tries=0))
            return _carried_out(scene, step.person(scene), (*says, said))
        case Mistake() | Silent():
            said = scene.word("menu.mistake" if isinstance(move, Mistake) else "menu.silence")
            scene = replace(scene, position=replace(at, tries=at.tries + 1))
            return _carried_out(scene, step.retry(scene), (*says, said), failed=True)


def _turn(at: Position, move: Ask | Do | Leave, says: tuple[Says, ...], *, failed: bool) -> Turn:
    says += move.says
    if isinstance(move, Leave):
        return Turn(position=replace(at, stage=LEFT, tries=0), says=says, then=End())
    memo = {**_kept(at), **move.memo}
    if isinstance(move, Do):
        if isinstance(move.effect, Reason):
            memo[REASON] = "1"
        position = Position(step=at.step, stage=move.stage, language=at.language, memo=memo)
        return Turn(position=position, says=says, then=move.effect)
    been = [name for name in memo.get(BACK, "").split() if name]
    if not been or been[-1] != at.step:
        memo[BACK] = " ".join([*been, at.step][-MAX_BACK:])
    tries = at.tries if failed else 0
    position = Position(step=at.step, stage=move.stage, tries=tries, language=at.language, memo=memo)
    return Turn(position=position, says=says, then=move.listen)


def _kept(at: Position) -> dict[str, str]:
    return {key: at.memo[key] for key in (BACK, REASON) if key in at.memo}


def _at(before: Position, step: str, memo: Mapping[str, str] = _NOTHING, language: str = "") -> Position:
    return Position(step=step, language=language or before.language, memo={**_kept(before), **memo})


def _back(scene: Scene) -> Turn | Passage:
    """To the listening step before this one; the first one is said again."""
    at = scene.position
    within = scene.flow.step(at.step).back(scene)
    if within is not None:
        return _carried_out(scene, within)
    been = at.memo.get(BACK, "").split()
    earlier = been[:-1] if been and been[-1] == at.step else been
    if not earlier:
        return _carried_out(scene, scene.flow.step(at.step).again(scene))
    return Passage(position=_at(at, earlier[-1], {BACK: " ".join(earlier[:-1])}))
