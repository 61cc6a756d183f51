"""The part of the promise dialogue in which another number is entered, read back, and confirmed by a code that is texted to it.

Whoever cannot enter the code is called at the number that we have: anybody could make anybody's telephone ring otherwise.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from ivr.domain.records.one_time_code import CODE_LENGTH, MAX_TRIES, EntryResult
from ivr.domain.speech import spoken_text
from ivr.flow.model import StepContext
from ivr.flow.phrases.understanding import parse_spoken_key, parse_yes_or_no
from ivr.flow.step_results import InvalidInput, RunEffect, StepResult
from ivr.flow.steps import promise_dialog
from ivr.flow.turn import CallerContext, Effect, FlowInput, FlowInputKind, Listen, Prompt, SimulatedLine

LISTEN_FOR_NUMBER = Listen(max_digits=15, finish_key="#", seconds=7, speech=False)
LISTEN_FOR_CODE = Listen(max_digits=CODE_LENGTH, finish_key="#", seconds=30, speech=False)
FAILED_CODES_KEY = "missed"  # memo: how often no code came, or a wrong one


@dataclass(frozen=True, kw_only=True)
class SendNumberCode(Effect):
    """Text a code to another number, so that whoever has it in hand can enter it. RESULT: "sent", "no_text" (it takes none, or was
    sent too many), or "not_callable <why>" as for MakePromise.
    """

    results: ClassVar[tuple[str, ...]] = ("sent", "no_text", "not_callable country")

    number: str

    def likely_result(self, caller: CallerContext) -> str:
        del caller
        return "no_text"

    def pretend(self, caller: CallerContext, line: SimulatedLine) -> str:
        """As if no code came in time: nobody can enter one that was not sent."""
        del caller, line
        return EntryResult.UNUSABLE.value


@dataclass(frozen=True, kw_only=True)
class CheckNumberCode(Effect):
    """RESULT: "right", "wrong" (once more) or "over" (too late or too often)."""

    results: ClassVar[tuple[str, ...]] = ("right", "wrong", "over")

    digits: str

    def likely_result(self, caller: CallerContext) -> str:
        del caller
        return "over"


class OtherNumberDialog(ABC):
    """Stages "number", "confirm", "texting", "code", "checking". In the memo: `entered`, then `number` once it is theirs."""

    @abstractmethod
    def on_person_requested(self, context: StepContext) -> StepResult: ...

    @abstractmethod
    def find_windows(self, context: StepContext, memo: Mapping[str, str], *prompts: Prompt) -> StepResult: ...

    @abstractmethod
    def make_promise(self, context: StepContext, memo: Mapping[str, str], *prompts: Prompt) -> StepResult: ...

    @abstractmethod
    def explain_not_callable(
        self, context: StepContext, explanation: Prompt, *, reason: str
    ) -> StepResult: ...

    @abstractmethod
    def is_person_reachable(self, context: StepContext) -> bool: ...

    def ask_number(self, context: StepContext, memo: Mapping[str, str], *prompts: Prompt) -> StepResult:
        person = promise_dialog.REFUSED_NUMBER_KEY in memo and self.is_person_reachable(context)
        asked = context.phrase("promise.number_or_person" if person else "promise.number")
        return context.ask_caller(*prompts, asked, listen=LISTEN_FOR_NUMBER, stage="number", memo=memo)

    def read_back_number(self, context: StepContext, memo: Mapping[str, str]) -> StepResult:
        said = context.phrase(
            "promise.confirm_number", number=spoken_text.phone_number(memo["entered"], context.language)
        )
        return context.ask_caller(said, listen=Listen(seconds=5), stage="confirm", memo=memo)

    def on_number_entered(self, context: StepContext, flow_input: FlowInput) -> StepResult:
        number = (
            promise_dialog.parse_entered_number(flow_input.value, context)
            if flow_input.kind is FlowInputKind.KEYS
            else ""
        )
        return (
            self.read_back_number(context, {**context.memo, "entered": number}) if number else InvalidInput()
        )

    def on_number_confirmed(self, context: StepContext, flow_input: FlowInput) -> StepResult:
        words = flow_input.kind is FlowInputKind.WORDS
        key = (
            parse_spoken_key(flow_input.value, context.phrasebook)
            or parse_yes_or_no(flow_input.value, context.phrasebook)
            if words
            else flow_input.value
        )
        memo = context.memo
        if key == "1":
            return self._send_code(context) if _needs_code(context) else self._use_entered_number(context)
        if key != "2":
            return InvalidInput()
        if "again" in memo:  # twice wrong is a trap for fingers, not the caller's fault
            return self.on_person_requested(context)
        return self.ask_number(context, {**memo, "again": "1"})

    def _send_code(self, context: StepContext) -> StepResult:
        known = {
            key: context.memo[key]
            for key in ("entered", "then", promise_dialog.REFUSED_NUMBER_KEY)
            if key in context.memo
        }
        memo = {**promise_dialog.dialog_params(context.memo), **known}
        return RunEffect(effect=SendNumberCode(number=memo["entered"]), stage="texting", memo=memo)

    def ask_code(self, context: StepContext, memo: Mapping[str, str], phrase_key: str = "code") -> StepResult:
        return context.ask_caller(
            context.phrase(f"promise.{phrase_key}"), listen=LISTEN_FOR_CODE, stage="code", memo=memo
        )

    def on_code_entered(self, context: StepContext, flow_input: FlowInput) -> StepResult:
        if flow_input.kind is FlowInputKind.KEYS:
            return RunEffect(
                effect=CheckNumberCode(digits=flow_input.value), stage="checking", memo=context.memo
            )
        return self._ask_code_again(context, "code_wait")

    def _ask_code_again(self, context: StepContext, phrase_key: str) -> StepResult:
        missed = int(context.memo.get(FAILED_CODES_KEY, "0")) + 1
        if missed >= MAX_TRIES:
            return self._drop_unverified_number(context, EntryResult.UNUSABLE)
        return self.ask_code(context, {**context.memo, FAILED_CODES_KEY: str(missed)}, phrase_key)

    def on_code_result(self, context: StepContext, value: str) -> StepResult:
        """What came of texting it, or of what was entered."""
        word, _, why = value.partition(" ")
        match word:
            case "sent":
                return self.ask_code(context, context.memo)
            case "not_callable":
                return self.explain_not_callable(
                    context, context.phrase(f"promise.not_callable.{why or 'invalid'}"), reason=why
                )
            case EntryResult.RIGHT:
                return self._use_entered_number(context)
            case EntryResult.WRONG:
                return self._ask_code_again(context, "code_wrong")
            case _:
                return self._drop_unverified_number(context, value)

    def _use_entered_number(self, context: StepContext) -> StepResult:
        memo = {key: value for key, value in context.memo.items() if key != FAILED_CODES_KEY}
        return self._continue_dialog(context, {**memo, "number": memo["entered"]})

    def _drop_unverified_number(self, context: StepContext, value: str) -> StepResult:
        return self._continue_dialog(context, *_without_number(context, value))

    def _continue_dialog(
        self, context: StepContext, memo: Mapping[str, str], prompts: tuple[Prompt, ...] = ()
    ) -> StepResult:
        go_on = self.find_windows if memo.get("then") == "find" else self.make_promise
        return go_on(context, memo, *prompts)


def _needs_code(context: StepContext) -> bool:
    """Not when there is no other way to owe them a call: their number is withheld, or one that we may not ring."""
    return (
        bool(context.caller.number)
        and context.memo.get(promise_dialog.REFUSED_NUMBER_KEY) != promise_dialog.OWN_NUMBER
    )


def _without_number(context: StepContext, value: str) -> tuple[dict[str, str], tuple[Prompt, ...]]:
    """What is left of the memo, and what is said: the call comes to the number that we have."""
    dropped = {"number", "entered", FAILED_CODES_KEY}
    memo = {key: kept for key, kept in context.memo.items() if key not in dropped}
    own = "" if "promise" in memo else spoken_text.number_ending(context.caller.number, context.language)
    why = context.phrase("promise.no_text" if value == "no_text" else "promise.no_code")
    return {**memo, promise_dialog.UNVERIFIED_NUMBER_KEY: "1"}, (
        why,
        context.phrase("promise.unproved", ending=own),
    )
