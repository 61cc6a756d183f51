"""The part of the promise dialogue in which the promise is made or moved; and what is done where that cannot be.

A number that may not be called leads to another number, to a person, or to a recording; a promise that could not be
written down leads back to the queue (I3).
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping

from ivr.flow.model import StepContext
from ivr.flow.step_results import REASON_GIVEN_KEY, EndCall, GoTo, RunEffect, StepResult
from ivr.flow.steps import promise_dialog
from ivr.flow.steps.other_number_dialog import OtherNumberDialog
from ivr.flow.steps.queue import Enqueue
from ivr.flow.turn import Listen, Prompt, RecordMessage

LISTEN_FOR_REASON = Listen(max_digits=1, seconds=6)


class MakePromiseDialog(OtherNumberDialog):
    """Stages "making", "moving", "keeping" and "recorded", and the question for the reason."""

    @abstractmethod
    def queue_name(self, context: StepContext) -> str: ...

    @abstractmethod
    def required_skills(self, context: StepContext) -> tuple[str, ...]: ...

    @abstractmethod
    def thank(self, context: StepContext, *prompts: Prompt) -> StepResult:
        """Once it is promised or recorded: the call goes on, or ends."""

    def make_promise(self, context: StepContext, memo: Mapping[str, str], *prompts: Prompt) -> StepResult:
        if not (memo.get("number") or context.caller.number):
            return self.ask_number(context, {**memo, "then": "make"}, *prompts)
        effect = promise_dialog.promise_effect(
            context, memo, queue=self.queue_name(context), skills=self.required_skills(context)
        )
        return RunEffect(
            effect=effect, prompts=prompts, stage="moving" if memo.get("promise") else "making", memo=memo
        )

    def on_made(self, context: StepContext, word: str, detail: str) -> StepResult:
        memo = {**context.memo, "made": "1"}
        match word:
            case "made" | "merged":
                said = promise_dialog.agreement_prompt(context, word, detail)
                if REASON_GIVEN_KEY in memo:
                    return self.thank(context, said)
                return context.ask_caller(
                    said,
                    context.phrase("promise.ask_reason"),
                    listen=LISTEN_FOR_REASON,
                    stage="reason",
                    memo=memo,
                )
            case "not_callable" | "bounded":
                return self.explain_not_callable(
                    context, context.phrase(f"promise.{word}.{detail or 'invalid'}"), reason=detail
                )
            case _:  # not on disk: nothing is promised, and the caller's place is not given up (I3)
                effect = Enqueue(queue=self.queue_name(context), skills=self.required_skills(context))
                return RunEffect(
                    effect=effect,
                    prompts=(context.phrase("promise.refused"),),
                    stage="keeping",
                    memo=context.memo,
                )

    def explain_not_callable(self, context: StepContext, explanation: Prompt, *, reason: str) -> StepResult:
        """Why not; and then a person, or another number where that may help. Never the end of the road."""
        fresh = {key: value for key, value in context.memo.items() if key not in {"number", "again"}}
        own = (
            "number" not in context.memo
            or fresh.get(promise_dialog.REFUSED_NUMBER_KEY) == promise_dialog.OWN_NUMBER
        )
        whose = promise_dialog.OWN_NUMBER if own else promise_dialog.ANOTHER_NUMBER
        memo = {**fresh, promise_dialog.REFUSED_NUMBER_KEY: whose, "then": "make"}
        if (
            promise_dialog.REFUSED_NUMBER_KEY not in context.memo
            and reason not in promise_dialog.LIMITS_OF_ANY_NUMBER
        ):
            return self.ask_number(context, memo, explanation)
        return (
            GoTo(to="@person", prompts=(explanation,))
            if self.is_person_reachable(context)
            else self.promise_or_record(context, memo, explanation)
        )

    def promise_or_record(
        self, context: StepContext, memo: Mapping[str, str], *prompts: Prompt
    ) -> StepResult:
        """Nobody can be reached now: a promise without further questions, or a recording where no number will do."""
        known = {key: value for key, value in memo.items() if key not in {"since", "until", "page"}}
        own = (
            context.caller.number
            if memo.get(promise_dialog.REFUSED_NUMBER_KEY) != promise_dialog.OWN_NUMBER
            else ""
        )
        return (
            self.make_promise(context, known, *prompts)
            if known.get("number") or own
            else self.record_message(context, *prompts)
        )

    def on_moved(self, context: StepContext, word: str) -> StepResult:
        if word != "done":
            return GoTo(to="@person", prompts=(context.phrase("promise.not_moved"),))
        return EndCall(
            prompts=(
                promise_dialog.agreement_prompt(context, "moved", context.memo.get("until", "")),
                context.phrase("promise.thanks"),
            )
        )

    def record_message(self, context: StepContext, *prompts: Prompt) -> StepResult:
        effect = RecordMessage(queue=self.queue_name(context))
        prompts = (*prompts, context.phrase("promise.record"))
        return RunEffect(effect=effect, prompts=prompts, stage="recorded", memo=context.memo)
