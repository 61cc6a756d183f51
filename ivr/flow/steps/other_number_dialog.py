"""The part of the promise dialogue in which another number is entered, read back, and confirmed by a code that is texted to it.

Whoever cannot enter the code is called at the number that we have: anybody could make anybody's telephone ring otherwise.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping

from ivr.domain.records.one_time_code import DIGITS, MOST_TRIES, Entered
from ivr.domain.speech import spoken_text
from ivr.flow.model import Scene
from ivr.flow.phrases.understanding import spoken_key, yes_or_no
from ivr.flow.step_results import Do, Mistake, Move
from ivr.flow.steps import promise_dialog
from ivr.flow.turn import CheckCode, Heard, HeardKind, Listen, Says, TextCode

NUMBER = Listen(digits=15, finish="#", seconds=7, speech=False)
CODE = Listen(digits=DIGITS, finish="#", seconds=30, speech=False)
MISSED = "missed"  # memo: how often no code came, or a wrong one


class OtherNumber(ABC):
    """Stages "number", "confirm", "texting", "code", "checking". In the memo: `entered`, then `number` once it is theirs."""

    @abstractmethod
    def person(self, scene: Scene) -> Move: ...

    @abstractmethod
    def _find(self, scene: Scene, memo: Mapping[str, str], *says: Says) -> Move: ...

    @abstractmethod
    def _make(self, scene: Scene, memo: Mapping[str, str], *says: Says) -> Move: ...

    @abstractmethod
    def _cannot(self, scene: Scene, said: Says, *, why: str) -> Move: ...

    @abstractmethod
    def _reachable(self, scene: Scene) -> bool: ...

    def _number(self, scene: Scene, memo: Mapping[str, str], *before: Says) -> Move:
        person = promise_dialog.REFUSED in memo and self._reachable(scene)
        asked = scene.word("promise.number_or_person" if person else "promise.number")
        return scene.ask(*before, asked, listen=NUMBER, stage="number", memo=memo)

    def _confirm(self, scene: Scene, memo: Mapping[str, str]) -> Move:
        said = scene.word(
            "promise.confirm_number", number=spoken_text.telephone(memo["entered"], scene.language)
        )
        return scene.ask(said, listen=Listen(seconds=5), stage="confirm", memo=memo)

    def _entered(self, scene: Scene, heard: Heard) -> Move:
        number = promise_dialog.e164(heard.value, scene) if heard.kind is HeardKind.KEYS else ""
        return self._confirm(scene, {**scene.memo, "entered": number}) if number else Mistake()

    def _confirmed(self, scene: Scene, heard: Heard) -> Move:
        words = heard.kind is HeardKind.WORDS
        key = (
            spoken_key(heard.value, scene.book) or yes_or_no(heard.value, scene.book)
            if words
            else heard.value
        )
        memo = scene.memo
        if key == "1":
            return self._text(scene) if _needed(scene) else self._agreed(scene)
        if key != "2":
            return Mistake()
        if "again" in memo:  # twice wrong is a trap for fingers, not the caller's fault
            return self.person(scene)
        return self._number(scene, {**memo, "again": "1"})

    def _text(self, scene: Scene) -> Move:
        known = {
            key: scene.memo[key] for key in ("entered", "then", promise_dialog.REFUSED) if key in scene.memo
        }
        memo = {**promise_dialog.params(scene.memo), **known}
        return Do(effect=TextCode(number=memo["entered"]), stage="texting", memo=memo)

    def _code(self, scene: Scene, memo: Mapping[str, str], key: str = "code") -> Move:
        return scene.ask(scene.word(f"promise.{key}"), listen=CODE, stage="code", memo=memo)

    def _digits(self, scene: Scene, heard: Heard) -> Move:
        if heard.kind is HeardKind.KEYS:
            return Do(effect=CheckCode(digits=heard.value), stage="checking", memo=scene.memo)
        return self._once_more(scene, "code_wait")

    def _once_more(self, scene: Scene, key: str) -> Move:
        missed = int(scene.memo.get(MISSED, "0")) + 1
        if missed >= MOST_TRIES:
            return self._unproved(scene, Entered.OVER)
        return self._code(scene, {**scene.memo, MISSED: str(missed)}, key)

    def _proved(self, scene: Scene, value: str) -> Move:
        """What came of texting it, or of what was entered."""
        word, _, why = value.partition(" ")
        match word:
            case "sent":
                return self._code(scene, scene.memo)
            case "not_callable":
                return self._cannot(scene, scene.word(f"promise.not_callable.{why or 'invalid'}"), why=why)
            case Entered.RIGHT:
                return self._agreed(scene)
            case Entered.WRONG:
                return self._once_more(scene, "code_wrong")
            case _:
                return self._unproved(scene, value)

    def _agreed(self, scene: Scene) -> Move:
        memo = {key: value for key, value in scene.memo.items() if key != MISSED}
        return self._onward(scene, {**memo, "number": memo["entered"]})

    def _unproved(self, scene: Scene, value: str) -> Move:
        return self._onward(scene, *_without(scene, value))

    def _onward(self, scene: Scene, memo: Mapping[str, str], says: tuple[Says, ...] = ()) -> Move:
        go_on = self._find if memo.get("then") == "find" else self._make
        return go_on(scene, memo, *says)


def _needed(scene: Scene) -> bool:
    """Not when there is no other way to owe them a call: their number is withheld, or one that we may not ring."""
    return bool(scene.situation.number) and scene.memo.get(promise_dialog.REFUSED) != promise_dialog.OWN


def _without(scene: Scene, value: str) -> tuple[dict[str, str], tuple[Says, ...]]:
    """What is left of the memo, and what is said: the call comes to the number that we have."""
    dropped = {"number", "entered", MISSED}
    memo = {key: kept for key, kept in scene.memo.items() if key not in dropped}
    own = "" if "promise" in memo else spoken_text.ending(scene.situation.number, scene.language)
    why = scene.word("promise.no_text" if value == "no_text" else "promise.no_code")
    return {**memo, promise_dialog.UNPROVED: "1"}, (why, scene.word("promise.unproved", ending=own))
