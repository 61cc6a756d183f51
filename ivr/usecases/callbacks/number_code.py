"""Another number is proved by a code that is texted to it: otherwise anybody could make anybody's telephone ring."""

from __future__ import annotations

import secrets
from dataclasses import dataclass

from ivr.domain.records import one_time_code as codes
from ivr.domain.records.customer import Customer
from ivr.domain.records.one_time_code import CODE_LENGTH, EntryResult, OneTimeCode
from ivr.services import Services
from ivr.store.change import Change
from ivr.store.queries import records
from ivr.usecases.dialing import permissions
from ivr.usecases.promises import limits as promise_limits
from ivr.usecases.texting import send as texting_send

DAY_SECONDS = 86400


@dataclass(frozen=True, kw_only=True)
class CodeRequest:
    """`name`: of the call or the promise for which it is; `line`: ours that texts."""

    name: str
    number: str
    line: str
    language: str


def send_code(services: Services, request: CodeRequest, change: Change) -> str:
    """A code on its way: ""; else why not: "no text", or "not callable" and the reason."""
    if why := permissions.why_not_dialable(services, request.number, called_number=request.line):
        return f"not_callable {why.spoken_reason}"
    reader = services.store.get(Customer, request.number)
    digits = f"{secrets.randbelow(10**CODE_LENGTH):0{CODE_LENGTH}}"
    old = services.store.get(OneTimeCode, request.name)
    new = codes.issue_code(old, code_id=request.name, number=request.number, digits=digits, now=change.now)
    deaf = (reader is not None and reader.no_texts) or not codes.can_receive_texts(request.number)
    if new is None or deaf:
        return "no_text"
    if promise_limits.check_and_count_code(
        services, number=request.number, our_number=request.line, requester_id=request.name, change=change
    ):
        return "no_text"
    _store(old, new, change)
    body = services.library.get_phrasebook(request.language).text("text.number_code", code=digits)
    texting_send.create_text(
        services, to=request.number, our_number=request.line, body=body, about=new.key, change=change
    )
    change.log_event("code texted", about=request.name)
    return ""


def check_code(services: Services, name: str, digits: str, change: Change) -> tuple[EntryResult, str]:
    """What came of it, and the number that is proved; each try counts."""
    old = services.store.get(OneTimeCode, name)
    new, entered = codes.check_entry(old, digits, change.now)
    if new is not None and new != old:
        _store(old, new, change)
    change.log_event("code entered", about=name, came=entered)
    return entered, new.number if new is not None and entered is EntryResult.RIGHT else ""


def find_pending_code(services: Services, name: str, now: float) -> OneTimeCode | None:
    """A code that can be entered now."""
    found = services.store.get(OneTimeCode, name)
    return found if codes.is_usable(found, now) else None


def _store(old: OneTimeCode | None, new: OneTimeCode, change: Change) -> None:
    kept = change.put(old, new)
    records.expire(kept, DAY_SECONDS, change)
