"""The flow engine: a fold of what a caller does over a flow. Pure: the same inputs give the same turns.

    turn = begin(flow, library, situation, language)
    turn = hear(flow, library, turn.position, situation, heard)

True at every step, whatever is asked and without the author's doing: 0 and "a person, please" lead to a person, * repeats,
# goes back, and after two silences or mistakes in a row there is a person. A closed or full queue is a promise instead.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from ivr.flow.model import Flow, Library, Scene
from ivr.flow.moves import BACK, REASON, Ask, Do, Go, Leave, Mistake, Move, Silent
from ivr.flow.speech import wants_person
from ivr.flow.turn import End, Heard, HeardKind, Position, Reason, Says, Situation, Turn

MAX_TRIES = 2
# Longer chains of steps that do not listen are loops; the checker refuses them, and here they lead to a person.
MAX_CHAIN = 40
MAX_BACK = 6

_KEPT = (BACK, REASON)

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
    position = Position(step=step, language=spoken_language, memo=memo)
    return _enter(Scene(flow=flow, library=library, situation=situation, position=position), ())


def hear(flow: Flow, library: Library, position: Position, situation: Situation, heard: Heard) -> Turn:
    scene = Scene(flow=flow, library=library, situation=situation, position=position)
    step = flow.step(position.step)
    if heard.kind is HeardKind.BEGIN:
        return _enter(scene, ())
    if heard.kind is HeardKind.KEYS and not heard.value:
        heard = Heard(kind=HeardKind.SILENCE)
    if _asks_for_person(scene, heard):
        return _follow(scene, step.person(scene), ())
    if position.stage == LEFT:  # a late request after the goodbye changes nothing
        return Turn(position=position, says=(), then=End())
    if heard.kind is HeardKind.KEYS and "*" in heard.value:
        return _follow(scene, step.again(scene), ())
    if heard.kind is HeardKind.KEYS and heard.value == "#":
        return _back(scene)
    return _follow(scene, step.hear(scene, heard), ())


def _asks_for_person(scene: Scene, heard: Heard) -> bool:
    if heard.kind is HeardKind.KEYS:
        # In a longer entry 0 is a digit like any other; alone, it is a wish.
        return heard.value == "0"
    if heard.kind is HeardKind.WORDS:
        free = scene.flow.step(scene.position.step).free_speech(scene)
        return wants_person(heard.value, scene.book, free=free)
    return False


def _enter(scene: Scene, says: tuple[Says, ...]) -> Turn:
    step = scene.flow.step(scene.position.step)
    return _follow(scene, step.enter(scene), says, (scene.position.step,))


def _follow(scene: Scene, move: Move, says: tuple[Says, ...], trail: tuple[str, ...] = ()) -> Turn:
    """Carry out moves until one of them listens, asks for an effect or ends."""
    failed = False
    for _ in range(MAX_CHAIN):
        step = scene.flow.step(scene.position.step)
        match move:
            case Go():
                says += move.says
                trail += (move.to,)
                scene = _at(scene, move.to, move.memo, move.language)
                move = scene.flow.step(move.to).enter(scene)
            case Mistake() | Silent() if scene.position.tries + 1 >= MAX_TRIES:
                says += (scene.word("menu.person"),)
                scene = replace(scene, position=replace(scene.position, tries=0))
                move = step.person(scene)
            case Mistake() | Silent():
                says += (scene.word("menu.mistake" if isinstance(move, Mistake) else "menu.silence"),)
                scene = replace(scene, position=replace(scene.position, tries=scene.position.tries + 1))
                failed = True
                move = step.retry(scene)
            case Ask() | Do() | Leave():
                return replace(_turn(scene, move, says, failed=failed), trail=trail)
    scene = _at(scene, "@person", {}, "")
    return _enter(scene, says)


def _turn(scene: Scene, move: Ask | Do | Leave, says: tuple[Says, ...], *, failed: bool) -> Turn:
    says += move.says
    at = scene.position
    if isinstance(move, Leave):
        return Turn(position=replace(at, stage=LEFT, tries=0), says=says, then=End())
    kept = {key: at.memo[key] for key in _KEPT if key in at.memo}
    memo = {**kept, **move.memo}
    tries = at.tries if failed else 0
    if isinstance(move, Do):
        if isinstance(move.effect, Reason):
            memo[REASON] = "1"
        position = replace(at, stage=move.stage, memo=memo, tries=0)
        return Turn(position=position, says=says, then=move.effect)
    been = [name for name in memo.get(BACK, "").split() if name]
    if not been or been[-1] != at.step:
        memo[BACK] = " ".join([*been, at.step][-MAX_BACK:])
    return Turn(position=replace(at, stage=move.stage, memo=memo, tries=tries), says=says, then=move.listen)


def _at(scene: Scene, step: str, memo: Mapping[str, str], language: str) -> Scene:
    kept = {key: scene.memo[key] for key in _KEPT if key in scene.memo}
    position = Position(step=step, language=language or scene.language, memo={**kept, **memo})
    return replace(scene, position=position)


def _back(scene: Scene) -> Turn:
    """To the listening step before this one; the first one is said again."""
    within = scene.flow.step(scene.position.step).back(scene)
    if within is not None:
        return _follow(scene, within, ())
    been = scene.memo.get(BACK, "").split()
    earlier = been[:-1] if been and been[-1] == scene.position.step else been
    if not earlier:
        return _follow(scene, scene.flow.step(scene.position.step).again(scene), ())
    scene = _at(scene, earlier[-1], {BACK: " ".join(earlier[:-1])}, "")
    return _enter(scene, ())
