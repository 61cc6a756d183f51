"""Whatever a flow may ask for, somebody does."""

from __future__ import annotations

import pytest

from ivr.flow.steps import step_kinds
from ivr.flow.turn import Effect, RecordMessage
from ivr.usecases.calls.actions import list_actions


def effects() -> list[type[Effect]]:
    step_kinds()  # reads all steps, and so the effects that they define
    return sorted(Effect.__subclasses__(), key=lambda effect: effect.__name__)


def test_each_effect_has_one_action_except_the_recording_in_which_the_caller_is_heard() -> None:
    registered = sorted(action.effect.__name__ for action in list_actions())
    assert registered == [effect.__name__ for effect in effects() if effect is not RecordMessage]


@pytest.mark.parametrize("effect", effects())
def test_each_effect_says_what_it_may_come_to(effect: type[Effect]) -> None:
    assert effect.results or effect.list_results is not Effect.list_results
