"""The part of the promise dialogue in which the caller chooses among the times that are free."""

from __future__ import annotations

from collections.abc import Mapping

from ivr.flow.model import StepContext
from ivr.flow.phrases.understanding import parse_spoken_key
from ivr.flow.step_results import GoTo, InvalidInput, RunEffect, StepResult
from ivr.flow.steps import promise_dialog
from ivr.flow.steps.make_promise_dialog import MakePromiseDialog
from ivr.flow.turn import FindWindows, FlowInput, FlowInputKind, Listen, Prompt


class ChooseTimeDialog(MakePromiseDialog):
    """Stages "finding" and "windows". In the memo: `windows` and the `page` that is read; then `since` and `until`."""

    def find_windows(self, context: StepContext, memo: Mapping[str, str], *prompts: Prompt) -> StepResult:
        if not (memo.get("number") or context.caller.number):
            return self.ask_number(context, {**memo, "then": "find"})
        effect = FindWindows(queue=self.queue_name(context), number=memo.get("number", ""))
        return RunEffect(effect=effect, prompts=prompts, stage="finding", memo=memo)

    def on_windows_found(self, context: StepContext, value: str) -> StepResult:
        windows = promise_dialog.limit_windows(value)
        if not windows and "promise" in context.memo:
            return GoTo(to="@person", prompts=(context.phrase("promise.not_moved"),))
        if not windows:
            return self.make_promise(context, context.memo, context.phrase("promise.no_windows"))
        return self.read_windows(context, {**context.memo, "windows": windows, "page": "0"})

    def read_windows(self, context: StepContext, memo: Mapping[str, str]) -> StepResult:
        return context.ask_caller(
            *promise_dialog.page_prompts(context, memo), listen=Listen(seconds=5), stage="windows", memo=memo
        )

    def on_window_chosen(self, context: StepContext, flow_input: FlowInput) -> StepResult:
        key = (
            parse_spoken_key(flow_input.value, context.phrasebook)
            if flow_input.kind is FlowInputKind.WORDS
            else flow_input.value
        )
        page = promise_dialog.current_page(context.memo)
        chosen = {name: value for name, value in context.memo.items() if name != "page"}
        if key == promise_dialog.LATER_KEY and page.has_more:
            return self.read_windows(context, {**context.memo, "page": str(page.index + 1)})
        if key == promise_dialog.OTHER_NUMBER_KEY and promise_dialog.may_give_other_number(context.memo):
            return self.ask_number(context, {**chosen, "then": "find"})
        if not (key.isdigit() and 1 <= int(key) <= len(page.windows)):
            return InvalidInput()
        since, until = page.windows[int(key) - 1]
        return self.make_promise(context, {**chosen, "since": since.isoformat(), "until": until.isoformat()})
