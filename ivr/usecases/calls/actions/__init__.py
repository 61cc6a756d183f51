"""What is done for each effect that a flow may ask for.

A file here has the name of the file in `ivr/flow/steps/` that defines the effects, and lists what it does for them in `ACTIONS`.
"""

from __future__ import annotations

import importlib
import pkgutil
from functools import cache
from typing import Any

from ivr.flow.turn import Effect
from ivr.usecases.calls.actions.action import Action


@cache
def find_actions() -> dict[type[Effect], Action[Any]]:
    """Every action, by its effect."""
    return {action.effect: action for action in list_actions()}


def list_actions() -> list[Action[Any]]:
    modules = (
        importlib.import_module(f"{__name__}.{found.name}") for found in pkgutil.iter_modules(__path__)
    )
    return [action for module in modules for action in getattr(module, "ACTIONS", ())]


def get_action(effect: Effect) -> Action[Any]:
    return find_actions()[type(effect)]
