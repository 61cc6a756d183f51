"""The line's own words, ready to be spoken."""

from __future__ import annotations

from ivr.flow.turn import SpokenPrompt
from ivr.services import Services


def phrase(services: Services, language: str, key: str, **fields: str | int) -> SpokenPrompt:
    """`key` and its fields as in ivr/flow/phrases. Fields are escaped there; those that a language does not take are left out."""
    book = services.library.get_phrasebook(language)
    return SpokenPrompt(text=book.phrase(key, **fields), language=book.language)
