"""Another number is proved by a code that is texted to it: otherwise anybody could make anybody's telephone ring."""

from __future__ import annotations

import secrets
from dataclasses import dataclass

from ivr.domain.records import one_time_code as codes
from ivr.domain.records.customer import Customer
from ivr.domain.records.one_time_code import DIGITS, Code, Entered
from ivr.services import Services
from ivr.store import keys
from ivr.store.change import Change
from ivr.usecases.dialing import permissions
from ivr.usecases.promises import limits as promise_limits
from ivr.usecases.texting import send as texting_send

DAY = 86400


@dataclass(frozen=True, kw_only=True)
class Asking:
    """`name`: of the call or the promise for which it is; `line`: ours that texts."""

    name: str
    number: str
    line: str
    language: str


def text(s: Services, asking: Asking, change: Change) -> str:
    """A code on its way: ""; else why not: "no text", or "not callable" and the reason."""
    if why := permissions.why_not(s, asking.number, line=asking.line):
        return f"not_callable {why.told}"
    reader = s.store.get(Customer, asking.number)
    digits = f"{secrets.randbelow(10**DIGITS):0{DIGITS}}"
    old = s.store.get(Code, asking.name)
    new = codes.another(old, name=asking.name, number=asking.number, digits=digits, now=change.now)
    deaf = (reader is not None and reader.no_texts) or not codes.takes_texts(asking.number)
    if new is None or deaf:
        return "no_text"
    if promise_limits.too_many_codes(
        s, number=asking.number, line=asking.line, who=asking.name, change=change
    ):
        return "no_text"
    _keep(old, new, change)
    body = s.library.book(asking.language).text("text.number_code", code=digits)
    texting_send.send(s, to=asking.number, line=asking.line, body=body, about=new.member, change=change)
    change.journal("code texted", about=asking.name)
    return ""


def enter(s: Services, name: str, digits: str, change: Change) -> tuple[Entered, str]:
    """What came of it, and the number that is proved; each try counts."""
    old = s.store.get(Code, name)
    new, entered = codes.enter(old, digits, change.now)
    if new is not None and new != old:
        _keep(old, new, change)
    change.journal("code entered", about=name, came=entered)
    return entered, new.number if new is not None and entered is Entered.RIGHT else ""


def waiting(s: Services, name: str, now: float) -> Code | None:
    """A code that can be entered now."""
    found = s.store.get(Code, name)
    return found if codes.waiting(found, now) else None


def _keep(old: Code | None, new: Code, change: Change) -> None:
    kept = change.put(old, new)
    change.op("EXPIRE", kept.member, DAY)
    change.op("ZREM", keys.everyone(Code.noun), kept.id)  # nobody lists what is forgotten after a day
