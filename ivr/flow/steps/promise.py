"""`promise`: we call the customer, so that they need not call us. The dialogue from the offer to "we will call you by ten".

It always comes to something: whoever says nothing while nobody can answer is promised a call all the same, and when
nothing can be written down the caller stays in line (I3) or leaves a recording.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar, Self

from ivr.flow.model import Exit, Flow, Scene, Step
from ivr.flow.phrases.understanding import says_any, spoken_key, yes_or_no
from ivr.flow.step_results import REASON, Do, Go, Leave, Mistake, Move
from ivr.flow.steps import promise_dialog
from ivr.flow.steps.other_number_dialog import OtherNumber
from ivr.flow.turn import Enqueue, FindWindows, Heard, HeardKind, Listen, Reason, Says, TakeMessage
from ivr.flow.yaml_source.entry import Entry, Place, Ref, nearest, one_of
from ivr.flow.yaml_source.fields import Field

OFFERS = ("soonest", "next_opening", "choose_time")
_WHEN = {"soonest": "as soon as it can", "next_opening": "when it opens", "choose_time": "at a chosen time"}
KEEP_PLACE, FULL = "keep_place", "full"  # only in the built-in steps

_AT_ONCE = (KEEP_PLACE, "choose_time")  # nothing is offered before

SENTENCE = Listen(digits=1, seconds=6)


@dataclass(frozen=True, kw_only=True)
class Promise(OtherNumber, Step):
    keyword: ClassVar[str] = "promise"
    shape: ClassVar[str] = "promise"
    about: ClassVar[str] = "Promises a call, and finds out for when and at which number"
    fields: ClassVar[tuple[Field, ...]] = (
        Field(name="promise", kind="text", about="For when", needed=True, choices=OFFERS),
        Field(name="queue", kind="queue", about="Who calls; without it, the queue of `person`"),
        Field(name="skills", kind="words", about="What who calls must be able to do"),
        Field(
            name="next", kind="step", about="Where the call goes on once it is promised; without it, it ends"
        ),
    )
    example: ClassVar[str] = """call_me: {promise: next_opening, queue: bookings}"""

    offer: str
    queue: Ref
    skills: tuple[str, ...] = ()
    next: Ref | None = None

    @classmethod
    def parse(cls, name: str, entry: Entry) -> Self:
        offer = entry.text("promise")
        if offer and offer not in OFFERS:
            entry.fault(
                f'"promise" should be one of: {one_of(OFFERS)}; not "{offer}".{nearest(offer, OFFERS)}',
                entry.value_place("promise"),
            )
        return cls(
            name=name,
            place=entry.place,
            offer=offer,
            queue=entry.ref("queue", "queue", ""),
            skills=entry.texts("skills"),
            next=entry.ref("step", "next") if "next" in entry else None,
        )

    # ---- entering, repeating, going back ----

    def enter(self, scene: Scene) -> Move:
        if self.offer == KEEP_PLACE:
            return self._make(scene, scene.memo)
        if self.offer == "choose_time":
            return self._find(scene, scene.memo)
        return self._offer(scene)

    def again(self, scene: Scene) -> Move:
        match scene.stage:
            case "windows":
                return self._read(scene, scene.memo)
            case "number":
                return self._number(scene, scene.memo)
            case "confirm":
                return self._confirm(scene, scene.memo)
            case "code":
                return self._code(scene, scene.memo)
            case "reason":
                return scene.ask(scene.word("promise.ask_reason"), listen=SENTENCE, stage="reason")
            case _:
                return self.enter(scene)

    def back(self, scene: Scene) -> Move | None:
        if scene.stage in {"windows", "number", "confirm", "code"} and self.offer not in _AT_ONCE:
            return self._offer(scene)
        return None

    def free_speech(self, scene: Scene) -> bool:
        return scene.stage == "reason"

    def person(self, scene: Scene) -> Move:
        """To a person while one can be reached; else the promise is made without further questions."""
        if self._reachable(scene):
            return Go(to="@person")
        if "made" in scene.memo:
            return self._thank(scene)
        if "promise" in scene.memo:
            return Leave(says=(scene.word("promise.stands"),))
        return self._unasked(scene, scene.memo)

    def _unasked(self, scene: Scene, memo: Mapping[str, str], *says: Says) -> Move:
        """Nobody can be reached now: a promise without further questions, or a recording where no number will do."""
        known = {key: value for key, value in memo.items() if key not in {"since", "until", "page"}}
        own = scene.situation.number if memo.get(promise_dialog.REFUSED) != promise_dialog.OWN else ""
        return self._make(scene, known, *says) if known.get("number") or own else self._record(scene, *says)

    # ---- hearing ----

    def hear(self, scene: Scene, heard: Heard) -> Move:
        if heard.kind is HeardKind.RESULT:
            return self._result(scene, heard.value)
        if scene.stage == "reason":
            if heard.kind is HeardKind.WORDS:
                return Do(effect=Reason(words=heard.value), stage="reasoned", memo=scene.memo)
            return self._thank(scene)
        if scene.stage == "code":
            return self._digits(scene, heard)
        if heard.kind is HeardKind.SILENCE:
            refused = scene.stage == "number" and promise_dialog.REFUSED in scene.memo
            return self.person(scene) if refused else super().hear(scene, heard)
        answer = {"windows": self._chosen, "number": self._entered, "confirm": self._confirmed}
        return answer.get(scene.stage, self._answered)(scene, heard)

    def _answered(self, scene: Scene, heard: Heard) -> Move:
        key = heard.value
        if heard.kind is HeardKind.WORDS:
            later = says_any(heard.value, scene.book.listed("heard.later"))
            key = "2" if later else spoken_key(heard.value, scene.book) or yes_or_no(heard.value, scene.book)
        match key:
            case "1":
                return self._make(scene, scene.memo)
            case "2":
                return self._find(scene, scene.memo)
            case _:
                return Mistake()

    def _chosen(self, scene: Scene, heard: Heard) -> Move:
        key = spoken_key(heard.value, scene.book) if heard.kind is HeardKind.WORDS else heard.value
        page = promise_dialog.page(scene.memo)
        chosen = {name: value for name, value in scene.memo.items() if name != "page"}
        if key == promise_dialog.LATER and page.more:
            return self._read(scene, {**scene.memo, "page": str(page.index + 1)})
        if key == promise_dialog.OTHER_NUMBER and promise_dialog.may_be_another(scene.memo):
            return self._number(scene, {**chosen, "then": "find"})
        if not (key.isdigit() and 1 <= int(key) <= len(page.windows)):
            return Mistake()
        since, until = page.windows[int(key) - 1]
        return self._make(scene, {**chosen, "since": since.isoformat(), "until": until.isoformat()})

    def _result(self, scene: Scene, value: str) -> Move:
        word, _, rest = value.partition(" ")
        match scene.stage:
            case "texting" | "checking":
                return self._proved(scene, value)
            case "finding":
                return self._found(scene, value)
            case "making":
                return self._made(scene, word, rest)
            case "moving":
                return self._moved(scene, word)
            case "keeping":
                return self._record(scene)
            case _:  # a recording was taken, the reason was kept
                return self._thank(scene)

    # ---- the dialogue ----

    def _offer(self, scene: Scene) -> Move:
        return scene.ask(
            *self._offered(scene),
            listen=Listen(seconds=5),
            stage="offer",
            memo=promise_dialog.params(scene.memo),
        )

    def _offered(self, scene: Scene) -> tuple[Says, ...]:
        if not scene.is_open(self._queue(scene)):
            return (scene.word("promise.closed", opening=promise_dialog.opening(scene, self._queue(scene))),)
        if self.offer == FULL:
            return (scene.word("promise.full"),)
        return (scene.word("promise.offer", estimate=promise_dialog.estimate(scene, self._queue(scene))),)

    def _find(self, scene: Scene, memo: Mapping[str, str], *says: Says) -> Move:
        if not (memo.get("number") or scene.situation.number):
            return self._number(scene, {**memo, "then": "find"})
        effect = FindWindows(queue=self._queue(scene), number=memo.get("number", ""))
        return Do(effect=effect, says=says, stage="finding", memo=memo)

    def _found(self, scene: Scene, value: str) -> Move:
        windows = promise_dialog.kept_windows(value)
        if not windows and "promise" in scene.memo:
            return Go(to="@person", says=(scene.word("promise.not_moved"),))
        if not windows:
            return self._make(scene, scene.memo, scene.word("promise.no_windows"))
        return self._read(scene, {**scene.memo, "windows": windows, "page": "0"})

    def _read(self, scene: Scene, memo: Mapping[str, str]) -> Move:
        return scene.ask(
            *promise_dialog.read_page(scene, memo), listen=Listen(seconds=5), stage="windows", memo=memo
        )

    def _make(self, scene: Scene, memo: Mapping[str, str], *says: Says) -> Move:
        if not (memo.get("number") or scene.situation.number):
            return self._number(scene, {**memo, "then": "make"}, *says)
        effect = promise_dialog.effect(scene, memo, queue=self._queue(scene), skills=self._skills(scene))
        return Do(effect=effect, says=says, stage="moving" if memo.get("promise") else "making", memo=memo)

    def _made(self, scene: Scene, word: str, until: str) -> Move:
        memo = {**scene.memo, "made": "1"}
        match word:
            case "made" | "merged":
                said = promise_dialog.said(scene, word, until)
                if REASON in memo:
                    return self._thank(scene, said)
                return scene.ask(
                    said, scene.word("promise.ask_reason"), listen=SENTENCE, stage="reason", memo=memo
                )
            case "not_callable" | "bounded":
                return self._cannot(scene, scene.word(f"promise.{word}.{until or 'invalid'}"), why=until)
            case _:  # not on disk: nothing is promised, and the caller's place is not given up (I3)
                effect = Enqueue(queue=self._queue(scene), skills=self._skills(scene))
                return Do(
                    effect=effect, says=(scene.word("promise.refused"),), stage="keeping", memo=scene.memo
                )

    def _cannot(self, scene: Scene, said: Says, *, why: str) -> Move:
        """Why not; and then a person, or another number where that may help. Never the end of the road."""
        fresh = {key: value for key, value in scene.memo.items() if key not in {"number", "again"}}
        own = "number" not in scene.memo or fresh.get(promise_dialog.REFUSED) == promise_dialog.OWN
        whose = promise_dialog.OWN if own else promise_dialog.OTHER
        memo = {**fresh, promise_dialog.REFUSED: whose, "then": "make"}
        if promise_dialog.REFUSED not in scene.memo and why not in promise_dialog.NO_NUMBER_HELPS:
            return self._number(scene, memo, said)
        return Go(to="@person", says=(said,)) if self._reachable(scene) else self._unasked(scene, memo, said)

    def _reachable(self, scene: Scene) -> bool:
        return scene.is_open(self._queue(scene)) and self.offer != FULL

    def _moved(self, scene: Scene, word: str) -> Move:
        if word != "done":
            return Go(to="@person", says=(scene.word("promise.not_moved"),))
        return Leave(
            says=(
                promise_dialog.said(scene, "moved", scene.memo.get("until", "")),
                scene.word("promise.thanks"),
            )
        )

    def _record(self, scene: Scene, *says: Says) -> Move:
        effect = TakeMessage(queue=self._queue(scene))
        says = (*says, scene.word("promise.record"))
        return Do(effect=effect, says=says, stage="recorded", memo=scene.memo)

    def _thank(self, scene: Scene, *says: Says) -> Move:
        says = (*says, scene.word("promise.thanks"))
        onward = scene.memo.get("next") or (self.next.name if self.next else "")
        return Go(to=onward, says=says) if onward else Leave(says=says)

    def _queue(self, scene: Scene) -> str:
        return scene.memo.get("queue") or self.queue.name or scene.flow.person

    def _skills(self, scene: Scene) -> tuple[str, ...]:
        return tuple(skill for skill in scene.memo.get("skills", "").split(",") if skill) or self.skills

    # ---- for the picture and the checker ----

    def exits(self) -> tuple[Exit, ...]:
        return (Exit(to=self.next, when="promised"),) if self.next else ()

    def gist(self, flow: Flow) -> str:
        return f"{self.queue.name or flow.person} calls {_WHEN.get(self.offer, '')}".rstrip()

    def refs(self) -> tuple[Ref, ...]:
        found = (self.queue, self.next)
        return tuple(ref for ref in found if ref is not None and ref.name)

    def talk(self, scene: Scene) -> str:
        """Two offers of which this is the same go on in the same way, whatever was said of who is going to call and when."""
        own = self.offer if self.offer in _AT_ONCE else "offer"
        number = "shown" if scene.situation.number else "hidden"
        return f"{own} {number} {self._reachable(scene)} {scene.is_open(scene.flow.person)}"

    def inputs(self, scene: Scene) -> tuple[Heard, ...]:
        if scene.stage == "reason":
            return (Heard(kind=HeardKind.WORDS, value="something"),)
        typed = {"number": (promise_dialog.EXAMPLE_NUMBER,), "code": ("123456",)}
        entries = typed.get(scene.stage) or tuple({"windows": "149"}.get(scene.stage, "12"))
        return tuple(Heard(kind=HeardKind.KEYS, value=entry) for entry in entries)


def built_in_promises(queue: str, place: Place) -> tuple[Promise, ...]:
    """The built-in ones: "@promise" keeps the caller's place at once, "@closed" and "@full" offer, "@choose_time" reads times."""
    offers = {"@promise": KEEP_PLACE, "@closed": "next_opening", "@full": FULL, "@choose_time": "choose_time"}
    ref = Ref(kind="queue", name=queue, place=place)
    return tuple(Promise(name=name, offer=offer, queue=ref) for name, offer in offers.items())
