"""The part of the promise dialogue in which the caller chooses among the times that are free."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise

from ivr.flow.model import StepContext
from ivr.flow.phrases.understanding import parse_spoken_key
from ivr.flow.step_results import GoTo, InvalidInput, RunEffect, StepResult
from ivr.flow.steps import promise_dialog
from ivr.flow.steps.make_promise_dialog import MakePromiseDialog
from ivr.flow.turn import CallerContext, Effect, FlowInput, FlowInputKind, Listen, Prompt, SimulatedLine


@dataclass(frozen=True, kw_only=True)
class FindWindows(Effect):
    """Ask for times at which a callback can be promised. RESULT: JSON list of [from, until] ISO 8601 pairs, soonest first."""

    queue: str
    number: str = ""  # "" = the caller's own

    def list_results(self, caller: CallerContext) -> tuple[str, ...]:
        """One more than are read at a time, so that "later times" is tried too; at times that take long to say."""
        return _windows_from(caller.now.replace(hour=13, minute=30) + timedelta(days=3), 4), "[]"

    def likely_result(self, caller: CallerContext) -> str:
        return _windows_from(caller.now + timedelta(hours=1), 3)

    def pretend(self, caller: CallerContext, line: SimulatedLine) -> str:
        """The next hours of opening, one by one."""
        found: list[tuple[str, str]] = []
        at = caller.now.replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)
        for _ in range(7 * 24):
            if len(found) < 6 and line.is_open(self.queue, at):
                found.append((at.isoformat(), (at + timedelta(hours=1)).isoformat()))
            at += timedelta(hours=1)
        return json.dumps(found)


def _windows_from(first: datetime, count: int) -> str:
    """Hours that follow one another, as RESULT."""
    return json.dumps(list(pairwise((first + timedelta(hours=n)).isoformat() for n in range(count + 1))))


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
