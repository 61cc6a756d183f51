"""`promise`: we call the customer, so that they need not call us. The dialogue from the offer to "we will call you by ten".

Here is what is offered, and which part of the dialogue hears the answer: a time (`choose_time_dialog`), another number
(`other_number_dialog`), the promise itself (`make_promise_dialog`).

It always comes to something: whoever says nothing while nobody can answer is promised a call all the same, and when
nothing can be written down the caller stays in the queue (I3) or leaves a recording.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Self

from ivr.flow.model import Exit, Flow, Step, StepContext
from ivr.flow.phrases.understanding import contains_any_phrase, parse_spoken_key, parse_yes_or_no
from ivr.flow.step_results import EndCall, GoTo, InvalidInput, StepResult
from ivr.flow.steps import promise_dialog
from ivr.flow.steps.ask import record_reason
from ivr.flow.steps.choose_time_dialog import ChooseTimeDialog
from ivr.flow.steps.make_promise_dialog import LISTEN_FOR_REASON
from ivr.flow.turn import FlowInput, FlowInputKind, Listen, Prompt
from ivr.flow.yaml_source.entry import Ref, SourceLocation, YamlEntry, comma_separated, did_you_mean
from ivr.flow.yaml_source.fields import Field

OFFERS = ("soonest", "next_opening", "choose_time")
_OFFER_TEXT = {
    "soonest": "as soon as it can",
    "next_opening": "when it opens",
    "choose_time": "at a chosen time",
}
KEEP_PLACE, FULL = "keep_place", "full"  # only in the built-in steps

_OFFERLESS = (KEEP_PLACE, "choose_time")  # nothing is offered before


@dataclass(frozen=True, kw_only=True)
class PromiseStep(ChooseTimeDialog, Step):
    keyword: ClassVar[str] = "promise"
    shape: ClassVar[str] = "promise"
    description: ClassVar[str] = "Promises a call, and finds out for when and at which number"
    fields: ClassVar[tuple[Field, ...]] = (
        Field(name="promise", kind="text", description="For when", required=True, choices=OFFERS),
        Field(name="queue", kind="queue", description="Who calls; without it, the queue of `person`"),
        Field(name="skills", kind="words", description="What who calls must be able to do"),
        Field(
            name="next",
            kind="step",
            description="Where the call goes on once it is promised; without it, it ends",
        ),
    )
    example: ClassVar[str] = """call_me: {promise: next_opening, queue: bookings}"""

    offer: str
    queue: Ref
    skills: tuple[str, ...] = ()
    next: Ref | None = None

    @classmethod
    def parse(cls, name: str, entry: YamlEntry) -> Self:
        offer = entry.get_text("promise")
        if offer and offer not in OFFERS:
            entry.add_fault(
                f'"promise" should be one of: {comma_separated(OFFERS)}; not "{offer}".{did_you_mean(offer, OFFERS)}',
                entry.value_location("promise"),
            )
        return cls(
            name=name,
            location=entry.location,
            offer=offer,
            queue=entry.get_ref("queue", "queue", ""),
            skills=entry.get_texts("skills"),
            next=entry.get_ref("step", "next") if "next" in entry else None,
        )

    # ---- entering, repeating, going back ----

    def on_enter(self, context: StepContext) -> StepResult:
        if self.offer == KEEP_PLACE:
            return self.make_promise(context, context.memo)
        if self.offer == "choose_time":
            return self.find_windows(context, context.memo)
        return self._make_offer(context)

    def repeat(self, context: StepContext) -> StepResult:
        match context.stage:
            case "windows":
                return self.read_windows(context, context.memo)
            case "number":
                return self.ask_number(context, context.memo)
            case "confirm":
                return self.read_back_number(context, context.memo)
            case "code":
                return self.ask_code(context, context.memo)
            case "reason":
                return context.ask_caller(
                    context.phrase("promise.ask_reason"), listen=LISTEN_FOR_REASON, stage="reason"
                )
            case _:
                return self.on_enter(context)

    def go_back(self, context: StepContext) -> StepResult | None:
        if context.stage in {"windows", "number", "confirm", "code"} and self.offer not in _OFFERLESS:
            return self._make_offer(context)
        return None

    def expects_free_speech(self, context: StepContext) -> bool:
        return context.stage == "reason"

    def on_person_requested(self, context: StepContext) -> StepResult:
        """To a person while one can be reached; else the promise is made without further questions."""
        if self.is_person_reachable(context):
            return GoTo(to="@person")
        if "made" in context.memo:
            return self.thank(context)
        if "promise" in context.memo:
            return EndCall(prompts=(context.phrase("promise.stands"),))
        return self.promise_or_record(context, context.memo)

    # ---- hearing ----

    def on_input(self, context: StepContext, flow_input: FlowInput) -> StepResult:
        if flow_input.kind is FlowInputKind.RESULT:
            return self._on_result(context, flow_input.value)
        if context.stage == "reason":
            if flow_input.kind is FlowInputKind.WORDS:
                return record_reason(flow_input.value, stage="reasoned", memo=context.memo)
            return self.thank(context)
        if context.stage == "code":
            return self.on_code_entered(context, flow_input)
        if flow_input.kind is FlowInputKind.SILENCE:
            refused = context.stage == "number" and promise_dialog.REFUSED_NUMBER_KEY in context.memo
            return self.on_person_requested(context) if refused else super().on_input(context, flow_input)
        answer = {
            "windows": self.on_window_chosen,
            "number": self.on_number_entered,
            "confirm": self.on_number_confirmed,
        }
        return answer.get(context.stage, self._on_offer_answered)(context, flow_input)

    def _on_offer_answered(self, context: StepContext, flow_input: FlowInput) -> StepResult:
        key = flow_input.value
        if flow_input.kind is FlowInputKind.WORDS:
            later = contains_any_phrase(flow_input.value, context.phrasebook.get_word_list("heard.later"))
            key = (
                "2"
                if later
                else parse_spoken_key(flow_input.value, context.phrasebook)
                or parse_yes_or_no(flow_input.value, context.phrasebook)
            )
        match key:
            case "1":
                return self.make_promise(context, context.memo)
            case "2":
                return self.find_windows(context, context.memo)
            case _:
                return InvalidInput()

    def _on_result(self, context: StepContext, value: str) -> StepResult:
        word, _, rest = value.partition(" ")
        match context.stage:
            case "texting" | "checking":
                return self.on_code_result(context, value)
            case "finding":
                return self.on_windows_found(context, value)
            case "making":
                return self.on_made(context, word, rest)
            case "moving":
                return self.on_moved(context, word)
            case "keeping":
                return self.record_message(context)
            case _:  # a recording was taken, the reason was kept
                return self.thank(context)

    # ---- the dialogue ----

    def _make_offer(self, context: StepContext) -> StepResult:
        return context.ask_caller(
            *self._offer_prompts(context),
            listen=Listen(seconds=5),
            stage="offer",
            memo=promise_dialog.dialog_params(context.memo),
        )

    def _offer_prompts(self, context: StepContext) -> tuple[Prompt, ...]:
        if not context.is_open(self.queue_name(context)):
            return (
                context.phrase(
                    "promise.closed",
                    opening=promise_dialog.spoken_opening(context, self.queue_name(context)),
                ),
            )
        if self.offer == FULL:
            return (context.phrase("promise.full"),)
        return (
            context.phrase(
                "promise.offer", estimate=promise_dialog.spoken_estimate(context, self.queue_name(context))
            ),
        )

    def is_person_reachable(self, context: StepContext) -> bool:
        return context.is_open(self.queue_name(context)) and self.offer != FULL

    def thank(self, context: StepContext, *prompts: Prompt) -> StepResult:
        prompts = (*prompts, context.phrase("promise.thanks"))
        onward = context.memo.get("next") or (self.next.name if self.next else "")
        return GoTo(to=onward, prompts=prompts) if onward else EndCall(prompts=prompts)

    def queue_name(self, context: StepContext) -> str:
        return context.memo.get("queue") or self.queue.name or context.flow.person_queue

    def required_skills(self, context: StepContext) -> tuple[str, ...]:
        return tuple(skill for skill in context.memo.get("skills", "").split(",") if skill) or self.skills

    # ---- for the picture and the checker ----

    def list_exits(self) -> tuple[Exit, ...]:
        return (Exit(to=self.next, when="promised"),) if self.next else ()

    def summarize(self, flow: Flow) -> str:
        return f"{self.queue.name or flow.person_queue} calls {_OFFER_TEXT.get(self.offer, '')}".rstrip()

    def refs(self) -> tuple[Ref, ...]:
        found = (self.queue, self.next)
        return tuple(ref for ref in found if ref is not None and ref.name)

    def dialog_key(self, context: StepContext) -> str:
        """Two offers of which this is the same go on in the same way, whatever was said of who is going to call and when."""
        own = self.offer if self.offer in _OFFERLESS else "offer"
        number = "shown" if context.caller.number else "hidden"
        return (
            f"{own} {number} {self.is_person_reachable(context)} {context.is_open(context.flow.person_queue)}"
        )

    def example_inputs(self, context: StepContext) -> tuple[FlowInput, ...]:
        if context.stage == "reason":
            return (FlowInput(kind=FlowInputKind.WORDS, value="something"),)
        typed = {"number": (promise_dialog.EXAMPLE_NUMBER,), "code": ("123456",)}
        entries = typed.get(context.stage) or tuple({"windows": "149"}.get(context.stage, "12"))
        return tuple(FlowInput(kind=FlowInputKind.KEYS, value=entry) for entry in entries)


def make_built_in_promises(queue: str, location: SourceLocation) -> tuple[PromiseStep, ...]:
    """The built-in ones: "@promise" keeps the caller's place at once, "@closed" and "@full" offer, "@choose_time" reads times."""
    offers = {"@promise": KEEP_PLACE, "@closed": "next_opening", "@full": FULL, "@choose_time": "choose_time"}
    ref = Ref(kind="queue", name=queue, location=location)
    return tuple(PromiseStep(name=name, offer=offer, queue=ref) for name, offer in offers.items())
