"""The step kinds. A new one is one new file here with a subclass of `Step`: it is found by its keyword."""

from __future__ import annotations

import importlib
import pkgutil
from functools import cache

from ivr.flow.model import Step


@cache
def step_kinds() -> dict[str, type[Step]]:
    """Every step kind by the keyword that it has in a flow file."""
    found: dict[str, type[Step]] = {}
    for module in pkgutil.iter_modules(__path__):
        content = vars(importlib.import_module(f"{__name__}.{module.name}")).values()
        for value in content:
            if isinstance(value, type) and issubclass(value, Step) and value.keyword:
                found[value.keyword] = value
    return found
