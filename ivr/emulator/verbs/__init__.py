"""TwiML, a file per verb. A file registers itself with `@verb`; `load_verbs()` finds them all."""

import importlib
import pkgutil

from ivr.emulator.verbs.registry import NOUNS, VERBS, Noun, Verb


def load_verbs() -> None:
    for module in pkgutil.iter_modules(__path__):
        importlib.import_module(f"{__name__}.{module.name}")


__all__ = ["NOUNS", "VERBS", "Noun", "Verb", "load_verbs"]
