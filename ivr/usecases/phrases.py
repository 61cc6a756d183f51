"""The line's own words, ready to be spoken."""

from __future__ import annotations

from ivr.flow.turn import Words
from ivr.services import Services


def say(s: Services, language: str, key: str, **fields: str | int) -> Words:
    """`key` and its fields as in ivr/flow/phrases. Fields are escaped there; those that a language does not take are left out."""
    book = s.library.book(language)
    return Words(text=book.say(key, **fields), language=book.language)
