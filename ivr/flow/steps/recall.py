"""`recall`: what we already know, read back, so that nobody has to tell it twice. Skipped when there is nothing.

What may be said was decided before (I7): a name, a colleague or a matter that is not in the caller context is not spoken.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Self

from ivr.domain.speech import spoken_text
from ivr.flow.model import Exit, Flow, Step, StepContext
from ivr.flow.phrases.understanding import contains_any_phrase, parse_spoken_key, parse_yes_or_no, tokenize
from ivr.flow.step_results import EndCall, GoTo, InvalidInput, RunEffect, StepResult
from ivr.flow.steps.case import JoinCase
from ivr.flow.steps.promise_dialog import ChangePromise
from ivr.flow.turn import Effect, FlowInput, FlowInputKind, Listen, OpenPromise, Prompt
from ivr.flow.yaml_source.entry import Ref, YamlEntry
from ivr.flow.yaml_source.fields import Field, get_field

# "Your suitcase" fits into a sentence; "my suitcase did not arrive in Albany" is one of its own.
MAX_PHRASE_WORDS = 4
SELECTED_PROMISE_KEY = "about"  # memo: the promise they turned to


@dataclass(frozen=True, kw_only=True)
class SelectPromise(Effect):
    """The call is about another one of the promises they were told of. RESULT: "done" or "refused"."""

    results: ClassVar[tuple[str, ...]] = ("done", "refused")
    is_navigation: ClassVar[bool] = True

    promise: str


@dataclass(frozen=True, kw_only=True)
class RecallStep(Step):
    keyword: ClassVar[str] = "recall"
    description: ClassVar[str] = (
        "Reads back what we know already, so that nobody has to tell it twice; skipped where there is nothing"
    )
    fields: ClassVar[tuple[Field, ...]] = (
        Field(
            name="recall",
            kind="text",
            description="What is read back",
            required=True,
            choices=("last_contact",),
        ),
        Field(name="same", kind="step", description="For who calls about that again", required=True),
        Field(name="other", kind="step", description="For who calls about something new", required=True),
        Field(
            name="nothing",
            kind="step",
            description="For who is not known; nothing is said then",
            required=True,
        ),
        Field(
            name="silence",
            kind="step",
            description="Where silence leads at once; without it, it is asked again, and then there is a person",
        ),
        Field(
            name="seconds",
            kind="number",
            description="Seconds of silence that are waited for",
            default=5,
            minimum=1,
            maximum=20,
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
    def parse(cls, name: str, entry: YamlEntry) -> Self:
        what = entry.get_text("recall")
        if what and what != "last_contact":
            entry.add_fault(f'"recall" should be last_contact, not "{what}"', entry.value_location("recall"))
        return cls(
            name=name,
            location=entry.location,
            same=entry.get_ref("step", "same"),
            other=entry.get_ref("step", "other"),
            nothing=entry.get_ref("step", "nothing"),
            silence=entry.get_ref("step", "silence") if "silence" in entry else None,
            seconds=entry.get_number(get_field(cls.fields, "seconds")),
        )

    def on_enter(self, context: StepContext) -> StepResult:
        situation = context.caller
        if situation.last_contact is None and situation.open_promise is None:
            return GoTo(to=self.nothing.name)
        hello = (
            ()
            if SELECTED_PROMISE_KEY in context.memo
            else (*self._greeting(context), *self._last_contact_prompts(context))
        )
        said = (*hello, *self._open_promise_prompts(context), *self._question_prompts(context))
        return context.ask_caller(*said, listen=Listen(seconds=self.seconds), stage="recalled")

    def repeat(self, context: StepContext) -> StepResult:
        if context.stage == "declined":
            return context.ask_caller(
                context.phrase("recall.something_else"), listen=Listen(seconds=self.seconds), stage="declined"
            )
        return self.on_enter(context)

    def reprompt(self, context: StepContext) -> StepResult:
        if context.stage == "declined":
            return self.repeat(context)
        return context.ask_caller(
            context.phrase("recall.about_that"), listen=Listen(seconds=self.seconds), stage="recalled"
        )

    def on_input(self, context: StepContext, flow_input: FlowInput) -> StepResult:
        if flow_input.kind is FlowInputKind.RESULT:
            return self._on_result(context, flow_input.value)
        if context.stage == "declined":
            return self._after_declining(context, flow_input)
        if flow_input.kind is FlowInputKind.SILENCE and self.silence:
            return GoTo(to=self.silence.name)
        return self._on_key(context, self._pressed_key(context, flow_input)) or super().on_input(
            context, flow_input
        )

    @staticmethod
    def _on_key(context: StepContext, key: str) -> StepResult | None:
        last, owed = context.caller.last_contact, _current_promise(context)
        may_change = owed is not None and owed.may_change
        match key:
            case "1" | "2":
                case = last.case if last else ""
                return RunEffect(
                    effect=JoinCase(same=key == "1", case=case if key == "1" else ""), stage=f"joining {key}"
                )
            case "3" if owed and may_change:
                return GoTo(to="@choose_time", memo={"promise": owed.promise_id})
            case "4" if owed and may_change:
                return RunEffect(
                    effect=ChangePromise(promise=owed.promise_id, decline=True), stage="declining"
                )
            case "5" if others := _remaining_promises(context):
                to = others[0].promise_id
                return RunEffect(
                    effect=SelectPromise(promise=to),
                    stage="turning",
                    memo={**context.memo, SELECTED_PROMISE_KEY: to},
                )
            case _:
                return None

    def _pressed_key(self, context: StepContext, flow_input: FlowInput) -> str:
        if flow_input.kind is not FlowInputKind.WORDS:
            return flow_input.value if flow_input.kind is FlowInputKind.KEYS else ""
        if contains_any_phrase(flow_input.value, context.phrasebook.get_word_list("heard.something_new")):
            return "2"
        return parse_spoken_key(flow_input.value, context.phrasebook) or parse_yes_or_no(
            flow_input.value, context.phrasebook
        )

    def _on_result(self, context: StepContext, value: str) -> StepResult:
        match context.stage:
            case "joining 1":
                return GoTo(to=self.same.name, prompts=(context.phrase("recall.finding"),))
            case "joining 2":
                return GoTo(to=self.other.name)
            case "turning" if value == "done":
                return self.on_enter(context)
            case "declining" if value == "done":
                said = (context.phrase("recall.declined"), context.phrase("recall.something_else"))
                return context.ask_caller(*said, listen=Listen(seconds=self.seconds), stage="declined")
            case _:
                return GoTo(to="@person", prompts=(context.phrase("recall.not_declined"),))

    def _after_declining(self, context: StepContext, flow_input: FlowInput) -> StepResult:
        if flow_input.kind is FlowInputKind.SILENCE or self._pressed_key(context, flow_input) == "2":
            return EndCall(prompts=(context.phrase("recall.goodbye"),))
        return GoTo(to=self.other.name) if self._pressed_key(context, flow_input) == "1" else InvalidInput()

    # ---- the words ----

    def _greeting(self, context: StepContext) -> tuple[Prompt, ...]:
        return (context.phrase("recall.hello", name=context.caller.name),)

    def _last_contact_prompts(self, context: StepContext) -> tuple[Prompt, ...]:
        last = context.caller.last_contact
        if last is None or (not last.agent and not last.subject and context.caller.open_promise):
            return ()
        when = spoken_text.ago(last.at, context.language, context.now)
        phrase = last.subject if len(tokenize(last.subject)) <= MAX_PHRASE_WORDS else ""
        said: list[Prompt] = []
        if last.agent:
            said.append(context.phrase("recall.spoke", agent=last.agent, when=when, about=phrase))
        else:
            said.append(context.phrase("recall.called", when=when, about=phrase))
        if last.subject and not phrase:
            said.append(context.phrase("recall.told", about=last.subject.rstrip(". ")))
        return tuple(said)

    def _open_promise_prompts(self, context: StepContext) -> tuple[Prompt, ...]:
        owed = _current_promise(context)
        if owed is None:
            return ()
        if not owed.may_change:  # unsure who calls: that something is owed, and no more
            return (context.phrase("recall.owed"),)
        when = spoken_text.by_when(owed.until, context.language, context.now)
        last = context.caller.last_contact
        turned = SELECTED_PROMISE_KEY in context.memo
        about = "" if last and last.subject and last.subject == owed.subject else self._subject_of(owed)
        if last and last.agent == owed.agent and last.agent and not turned:
            return (context.phrase("recall.owed_same", when=when),)
        if owed.agent:
            return (context.phrase("recall.owed_by", by=owed.agent, when=when, about=about),)
        return (context.phrase("recall.owed_we", when=when, about=about),)

    @staticmethod
    def _subject_of(owed: OpenPromise) -> str:
        return owed.subject.rstrip(". ")

    def _question_prompts(self, context: StepContext) -> tuple[Prompt, ...]:
        owed = _current_promise(context)
        said: tuple[Prompt, ...] = (context.phrase("recall.about_that"),)
        if owed and owed.may_change:
            said = (*said, context.phrase("recall.change"))
        return (*said, context.phrase("recall.also")) if _remaining_promises(context) else said

    # ---- for the checker ----

    def automatic_refs(self) -> tuple[Ref, ...]:
        return (self.nothing, *((self.silence,) if self.silence else ()))

    def list_exits(self) -> tuple[Exit, ...]:
        exits = {"1 about that": self.same, "2 something new": self.other, "nothing known": self.nothing}
        silence = {"silence": self.silence} if self.silence else {}
        return tuple(Exit(to=to, when=when) for when, to in (exits | silence).items())

    def summarize(self, flow: Flow) -> str:
        del flow
        return "what we know already"

    def refs(self) -> tuple[Ref, ...]:
        return (self.same, self.other, self.nothing, *((self.silence,) if self.silence else ()))

    def example_inputs(self, context: StepContext) -> tuple[FlowInput, ...]:
        if context.stage == "declined":
            return (
                FlowInput(kind=FlowInputKind.KEYS, value="1"),
                FlowInput(kind=FlowInputKind.KEYS, value="2"),
            )
        owed = _current_promise(context)
        keys = ("1234" if owed and owed.may_change else "12") + ("5" if _remaining_promises(context) else "")
        return tuple(FlowInput(kind=FlowInputKind.KEYS, value=key) for key in keys)


def _current_promise(context: StepContext) -> OpenPromise | None:
    """The one that is spoken of."""
    told = context.caller
    return next(
        (one for one in told.other_promises if one.promise_id == context.memo.get(SELECTED_PROMISE_KEY)),
        told.open_promise,
    )


def _remaining_promises(context: StepContext) -> tuple[OpenPromise, ...]:
    """What is owed to them besides and was not spoken of yet: round and round leads to nobody. Not for whoever may not hear of it."""
    told, now = context.caller, _current_promise(context)
    if told.open_promise is None or now is None or not now.may_change:
        return ()
    all_ = (told.open_promise, *told.other_promises)
    return all_[all_.index(now) + 1 :]
