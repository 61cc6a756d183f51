"""NO by text: which of the calls that we owe them is it that they do not need any more?

The one that our last text was about. Where that is not plain they are asked, in words, and nothing is declined meanwhile:
a call that somebody counts on is never lost by a short answer to another question.
"""

from __future__ import annotations

import json
import re

from ivr.domain.records.customer import Customer
from ivr.domain.records.promise import Promise
from ivr.flow.phrases.built_in import shipped, shipped_languages
from ivr.flow.phrases.understanding import tokens
from ivr.services import Services
from ivr.store import keys
from ivr.store.change import Change
from ivr.usecases.callbacks import reschedule
from ivr.usecases.callbacks.reschedule import Asked, Decline, Refused, Via, WhyNot
from ivr.usecases.customers import open_promises
from ivr.usecases.texting import send as texting_send

_DECLINE = "heard.decline"
_NUMBER = re.compile(r"[ ,.:#]*([1-9])")


def means_no(s: Services, plain: str) -> bool:
    return _bare(plain) in _no(s) or bool(_numbered_no(s, plain))


def _no(s: Services) -> frozenset[str]:
    """In every language at once: who reads one may answer in another.

    Not STOP or CANCEL: Twilio takes those for itself and opts the number out (21610).
    """
    lists = (
        *(book.listed(_DECLINE) for book in s.library.books.values()),
        *map(_shipped, shipped_languages()),
    )
    return frozenset(_bare(phrase) for phrases in lists for phrase in phrases)


def _bare(words: str) -> str:
    """Without accents and punctuation: "no, thanks" is "no thanks"."""
    return " ".join(tokens(words))


def _shipped(language: str) -> tuple[str, ...]:
    return shipped(language).lists[_DECLINE]


def _numbered_no(s: Services, plain: str) -> int:
    """The number of "no 2"; 0 when it is none."""
    for phrase in _no(s):
        if plain.startswith(phrase) and (numbered := _NUMBER.fullmatch(plain.removeprefix(phrase))):
            return int(numbered[1])
    return 0


def by_text(s: Services, customer: Customer, line: str, plain: str, change: Change) -> str | None:
    """What to answer; None: nothing is owed there, so it is a word like any other. `line`: the number of ours they answered."""
    found = [p for p in open_promises.open_promises(s, customer) if p.line == line]
    if not found:
        return None
    if open_promises.is_shared(s, customer):  # a stranger's NO may not cost somebody their call
        return _say(s, found[0], "text.shared")
    last, listed = s.store.read(
        [("GET", keys.texted(customer.id, line)), ("GET", keys.listed(customer.id, line))]
    )
    if numbered := _numbered_no(s, plain):
        return _numbered(s, customer, found, json.loads(listed or "[]"), numbered, change)
    meant = next((p for p in found if p.id == last), None)
    if meant is None and last is None and len(found) == 1:
        meant = found[0]
    return _decline(s, customer, meant, found, change) if meant else _ask(s, customer, found, change)


def _numbered(
    s: Services, customer: Customer, found: list[Promise], listed: list[str], n: int, change: Change
) -> str:
    """By the list that they were sent; one that is over meanwhile is not another one."""
    name = listed[n - 1] if n <= len(listed) else ""
    meant = next((p for p in found if p.id == name), None)
    return _decline(s, customer, meant, found, change) if meant else _ask(s, customer, found, change)


def _decline(s: Services, customer: Customer, meant: Promise, found: list[Promise], change: Change) -> str:
    came = reschedule.within(s, meant, Decline(), Asked(via=Via.TEXT, number=customer.id), change)
    if isinstance(came, Refused):
        return _say(s, meant, "text.on_line") if came.why is WhyNot.ON_LINE else ""
    texting_send.last_said(customer.id, meant.line, "", change)
    left = [p for p in found if p.id != meant.id]
    if not left:
        return _say(s, meant, "text.cancelled")
    return _say(
        s,
        meant,
        "text.cancelled_one",
        when=texting_send.by_when(s, meant, change.now),
        calls=_calls(s, left, change.now),
    )


def _ask(s: Services, customer: Customer, found: list[Promise], change: Change) -> str:
    line = found[0].line
    if len(found) == 1:
        texting_send.last_said(customer.id, line, found[0].id, change)
        return _say(s, found[0], "text.which_one", when=texting_send.by_when(s, found[0], change.now))
    texting_send.last_said(customer.id, line, "", change)
    change.op(
        "SET",
        keys.listed(customer.id, line),
        json.dumps([p.id for p in found]),
        "EX",
        texting_send.REMEMBERED,
    )
    return _say(s, found[0], "text.which", calls=_calls(s, found, change.now, numbered=True))


def _calls(s: Services, found: list[Promise], now: float, *, numbered: bool = False) -> str:
    times = [texting_send.by_when(s, p, now) for p in found]
    return "; ".join(f"{n}: {when}" if numbered else when for n, when in enumerate(times, start=1))


def _say(s: Services, promise: Promise, key: str, **fields: str) -> str:
    return s.library.book(promise.language).text(key, **fields)
