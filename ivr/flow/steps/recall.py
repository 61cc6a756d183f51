"""`recall`: what we already know, read back, so that nobody has to tell it twice. Skipped when there is nothing.

What may be said was decided before (I7): a name, a colleague or a matter that is not in the situation is not spoken.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Self

from ivr.domain.speech import spoken_text
from ivr.flow.model import Exit, Flow, Scene, Step
from ivr.flow.phrases.understanding import says_any, spoken_key, tokens, yes_or_no
from ivr.flow.step_results import Do, Go, Leave, Mistake, Move
from ivr.flow.turn import ChangePromise, Heard, HeardKind, JoinCase, Listen, Owed, Says, TurnTo
from ivr.flow.yaml_source.entry import Entry, Ref
from ivr.flow.yaml_source.fields import Field, named

# "Your suitcase" fits into a sentence; "my suitcase did not arrive in Albany" is one of its own.
A_PHRASE = 4
ABOUT = "about"  # memo: the promise they turned to


@dataclass(frozen=True, kw_only=True)
class Recall(Step):
    keyword: ClassVar[str] = "recall"
    about: ClassVar[str] = (
        "Reads back what we know already, so that nobody has to tell it twice; skipped where there is nothing"
    )
    fields: ClassVar[tuple[Field, ...]] = (
        Field(name="recall", kind="text", about="What is read back", needed=True, choices=("last_contact",)),
        Field(name="same", kind="step", about="For who calls about that again", needed=True),
        Field(name="other", kind="step", about="For who calls about something new", needed=True),
        Field(name="nothing", kind="step", about="For who is not known; nothing is said then", needed=True),
        Field(
            name="silence",
            kind="step",
            about="Where silence leads at once; without it, it is asked again, and then there is a person",
        ),
        Field(
            name="seconds",
            kind="number",
            about="Seconds of silence that are waited for",
            default=5,
            least=1,
            most=20,
        ),
    )
    example: ClassVar[str] = (
        """earlier: {recall: last_contact, same: support, other: support, nothing: support}"""
    )

    same: Ref
    other: Ref
    nothing: Ref
    silence: Ref | None = None
    seconds: int = 5

    @classmethod
    def parse(cls, name: str, entry: Entry) -> Self:
        what = entry.text("recall")
        if what and what != "last_contact":
            entry.fault(f'"recall" should be last_contact, not "{what}"', entry.value_place("recall"))
        return cls(
            name=name,
            place=entry.place,
            same=entry.ref("step", "same"),
            other=entry.ref("step", "other"),
            nothing=entry.ref("step", "nothing"),
            silence=entry.ref("step", "silence") if "silence" in entry else None,
            seconds=entry.number(named(cls.fields, "seconds")),
        )

    def enter(self, scene: Scene) -> Move:
        situation = scene.situation
        if situation.last is None and situation.owed is None:
            return Go(to=self.nothing.name)
        hello = () if ABOUT in scene.memo else (*self._hello(scene), *self._contact(scene))
        said = (*hello, *self._owed(scene), *self._question(scene))
        return scene.ask(*said, listen=Listen(seconds=self.seconds), stage="recalled")

    def again(self, scene: Scene) -> Move:
        if scene.stage == "declined":
            return scene.ask(
                scene.word("recall.something_else"), listen=Listen(seconds=self.seconds), stage="declined"
            )
        return self.enter(scene)

    def retry(self, scene: Scene) -> Move:
        if scene.stage == "declined":
            return self.again(scene)
        return scene.ask(
            scene.word("recall.about_that"), listen=Listen(seconds=self.seconds), stage="recalled"
        )

    def hear(self, scene: Scene, heard: Heard) -> Move:
        if heard.kind is HeardKind.RESULT:
            return self._result(scene, heard.value)
        if scene.stage == "declined":
            return self._after_declining(scene, heard)
        if heard.kind is HeardKind.SILENCE and self.silence:
            return Go(to=self.silence.name)
        return self._answer(scene, self._key(scene, heard)) or super().hear(scene, heard)

    @staticmethod
    def _answer(scene: Scene, key: str) -> Move | None:
        last, owed = scene.situation.last, _owed_now(scene)
        may_change = owed is not None and owed.may_change
        match key:
            case "1" | "2":
                case = last.case if last else ""
                return Do(
                    effect=JoinCase(same=key == "1", case=case if key == "1" else ""), stage=f"joining {key}"
                )
            case "3" if owed and may_change:
                return Go(to="@choose_time", memo={"promise": owed.promise})
            case "4" if owed and may_change:
                return Do(effect=ChangePromise(promise=owed.promise, decline=True), stage="declining")
            case "5" if others := _others(scene):
                to = others[0].promise
                return Do(effect=TurnTo(promise=to), stage="turning", memo={**scene.memo, ABOUT: to})
            case _:
                return None

    def _key(self, scene: Scene, heard: Heard) -> str:
        if heard.kind is not HeardKind.WORDS:
            return heard.value if heard.kind is HeardKind.KEYS else ""
        if says_any(heard.value, scene.book.listed("heard.something_new")):
            return "2"
        return spoken_key(heard.value, scene.book) or yes_or_no(heard.value, scene.book)

    def _result(self, scene: Scene, value: str) -> Move:
        match scene.stage:
            case "joining 1":
                return Go(to=self.same.name, says=(scene.word("recall.finding"),))
            case "joining 2":
                return Go(to=self.other.name)
            case "turning" if value == "done":
                return self.enter(scene)
            case "declining" if value == "done":
                said = (scene.word("recall.declined"), scene.word("recall.something_else"))
                return scene.ask(*said, listen=Listen(seconds=self.seconds), stage="declined")
            case _:
                return Go(to="@person", says=(scene.word("recall.not_declined"),))

    def _after_declining(self, scene: Scene, heard: Heard) -> Move:
        if heard.kind is HeardKind.SILENCE or self._key(scene, heard) == "2":
            return Leave(says=(scene.word("recall.goodbye"),))
        return Go(to=self.other.name) if self._key(scene, heard) == "1" else Mistake()

    # ---- the words ----

    def _hello(self, scene: Scene) -> tuple[Says, ...]:
        return (scene.word("recall.hello", name=scene.situation.name),)

    def _contact(self, scene: Scene) -> tuple[Says, ...]:
        last = scene.situation.last
        if last is None or (not last.agent and not last.about and scene.situation.owed):
            return ()
        when = spoken_text.ago(last.at, scene.language, scene.now)
        phrase = last.about if len(tokens(last.about)) <= A_PHRASE else ""
        said: list[Says] = []
        if last.agent:
            said.append(scene.word("recall.spoke", agent=last.agent, when=when, about=phrase))
        else:
            said.append(scene.word("recall.called", when=when, about=phrase))
        if last.about and not phrase:
            said.append(scene.word("recall.told", about=last.about.rstrip(". ")))
        return tuple(said)

    def _owed(self, scene: Scene) -> tuple[Says, ...]:
        owed = _owed_now(scene)
        if owed is None:
            return ()
        if not owed.may_change:  # unsure who calls: that something is owed, and no more
            return (scene.word("recall.owed"),)
        when = spoken_text.by_when(owed.until, scene.language, scene.now)
        last = scene.situation.last
        turned = ABOUT in scene.memo
        about = "" if last and last.about and last.about == owed.about else self._matter(owed)
        if last and last.agent == owed.by and last.agent and not turned:
            return (scene.word("recall.owed_same", when=when),)
        if owed.by:
            return (scene.word("recall.owed_by", by=owed.by, when=when, about=about),)
        return (scene.word("recall.owed_we", when=when, about=about),)

    @staticmethod
    def _matter(owed: Owed) -> str:
        return owed.about.rstrip(". ")

    def _question(self, scene: Scene) -> tuple[Says, ...]:
        owed = _owed_now(scene)
        said: tuple[Says, ...] = (scene.word("recall.about_that"),)
        if owed and owed.may_change:
            said = (*said, scene.word("recall.change"))
        return (*said, scene.word("recall.also")) if _others(scene) else said

    # ---- for the checker ----

    def onward(self) -> tuple[Ref, ...]:
        return (self.nothing, *((self.silence,) if self.silence else ()))

    def exits(self) -> tuple[Exit, ...]:
        exits = {"1 about that": self.same, "2 something new": self.other, "nothing known": self.nothing}
        silence = {"silence": self.silence} if self.silence else {}
        return tuple(Exit(to=to, when=when) for when, to in (exits | silence).items())

    def gist(self, flow: Flow) -> str:
        del flow
        return "what we know already"

    def refs(self) -> tuple[Ref, ...]:
        return (self.same, self.other, self.nothing, *((self.silence,) if self.silence else ()))

    def inputs(self, scene: Scene) -> tuple[Heard, ...]:
        if scene.stage == "declined":
            return (Heard(kind=HeardKind.KEYS, value="1"), Heard(kind=HeardKind.KEYS, value="2"))
        owed = _owed_now(scene)
        keys = ("1234" if owed and owed.may_change else "12") + ("5" if _others(scene) else "")
        return tuple(Heard(kind=HeardKind.KEYS, value=key) for key in keys)


def _owed_now(scene: Scene) -> Owed | None:
    """The one that is spoken of."""
    told = scene.situation
    return next((one for one in told.also if one.promise == scene.memo.get(ABOUT)), told.owed)


def _others(scene: Scene) -> tuple[Owed, ...]:
    """What is owed to them besides and was not spoken of yet: round and round leads to nobody. Not for whoever may not hear of it."""
    told, now = scene.situation, _owed_now(scene)
    if told.owed is None or now is None or not now.may_change:
        return ()
    all_ = (told.owed, *told.also)
    return all_[all_.index(now) + 1 :]


@dataclass(frozen=True, kw_only=True)
class Matter(Step):
    """The built-in "@case": about the last matter, or something new? Then to a person."""

    @classmethod
    def parse(cls, name: str, entry: Entry) -> Self:
        return cls(name=name, place=entry.place)

    def enter(self, scene: Scene) -> Move:
        if scene.situation.last is None:
            return self._on(scene)
        return scene.ask(scene.word("case"), listen=Listen(seconds=4), stage="asking")

    def hear(self, scene: Scene, heard: Heard) -> Move:
        last = scene.situation.last
        if heard.kind in {HeardKind.RESULT, HeardKind.SILENCE} or last is None:
            return self._on(scene)
        key = heard.value
        if heard.kind is HeardKind.WORDS:
            new = says_any(heard.value, scene.book.listed("heard.something_new"))
            key = "2" if new else spoken_key(heard.value, scene.book) or yes_or_no(heard.value, scene.book)
        if key not in {"1", "2"}:
            return Mistake()
        return Do(
            effect=JoinCase(same=key == "1", case=last.case if key == "1" else ""),
            stage="joined",
            memo=scene.memo,
        )

    def _on(self, scene: Scene) -> Move:
        memo = {key: value for key, value in scene.memo.items() if key in {"queue", "skills"}}
        return Go(to=scene.memo.get("next", "@person"), memo=memo)

    def inputs(self, scene: Scene) -> tuple[Heard, ...]:
        del scene
        return (Heard(kind=HeardKind.KEYS, value="1"), Heard(kind=HeardKind.KEYS, value="2"))
