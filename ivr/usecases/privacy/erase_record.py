"""What the record holds of a person, found index by index, a page at a time: for a list of it, and for erasing it.

There is no index by number, and needs none: this is seldom, and no caller waits for it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from ivr.domain.record import Record
from ivr.domain.records.agent_leg import Offer, OfferState
from ivr.domain.records.contact import Contact, ContactState
from ivr.domain.records.customer import Case, Customer, Text, TextState
from ivr.domain.records.erasure import Forgetting, counted, nobodys
from ivr.domain.records.promise import ENDED, Promise
from ivr.services import Services
from ivr.store import keys
from ivr.store.change import Change
from ivr.store.queries import case_index
from ivr.usecases.callbacks import dial as callback_dial
from ivr.usecases.customers import last_talk
from ivr.usecases.promises import lifecycle as promise_lifecycle

PAGE = 200

Raw = Mapping[str, str]


@dataclass(frozen=True, kw_only=True)
class Index:
    """`born`: the field that says when a record began. `mine`: whether it is this person's."""

    kind: type[Record]
    fields: tuple[str, ...]
    born: str
    mine: Callable[[Raw, Forgetting], bool]


def _promise(raw: Raw, f: Forgetting) -> bool:
    return f.number in (raw["customer"], raw["number"])


def _contact(raw: Raw, f: Forgetting) -> bool:
    return raw["number"] == f.number or raw["promise"] in f.promises


def _case(raw: Raw, f: Forgetting) -> bool:
    return raw["customer"] == f.number or (not raw["customer"] and raw["id"] in f.cases)


def _text(raw: Raw, f: Forgetting) -> bool:
    noun, _, name = raw["about"].partition(":")
    both = f.promises + f.contacts
    theirs = {"promise": f.promises, "contact": f.contacts, "case": f.cases, "code": both}.get(noun, ())
    return raw["to"] == f.number or name in theirs


def _offer(raw: Raw, f: Forgetting) -> bool:
    return raw["contact"] in f.contacts or raw["promise"] in f.promises


def _customer(raw: Raw, f: Forgetting) -> bool:
    return raw["id"] != f.number and raw["last_contact"] in f.contacts


# in this order: what is found in one says what is theirs in the next
INDEXES: Mapping[str, Index] = {
    index.kind.noun: index
    for index in (
        Index(kind=Promise, fields=("customer", "number"), born="made_at", mine=_promise),
        Index(kind=Contact, fields=("number", "promise"), born="opened", mine=_contact),
        Index(kind=Case, fields=("customer",), born="opened", mine=_case),
        Index(kind=Text, fields=("to", "about"), born="made", mine=_text),
        Index(kind=Offer, fields=("contact", "promise"), born="made", mine=_offer),
        Index(kind=Customer, fields=("last_contact",), born="last_at", mine=_customer),
    )
}
FIRST = Promise.noun


@dataclass(frozen=True, kw_only=True)
class Page:
    """`found`: this person's, as they are; `after`: the forgetting as it knows of them; `over`: nothing is left to read."""

    found: Sequence[Record]
    after: Forgetting
    over: bool


def read(s: Services, f: Forgetting) -> Page:
    """The next page. It changes nothing."""
    index = INDEXES[f.noun_now or FIRST]
    names, more = _names(s, index, f)
    found = _mine(s, index, names, f)
    after = _known(f, found)
    if more:
        return Page(found=found, after=replace(after, cursor=f.cursor + PAGE), over=False)
    following = list(INDEXES)[list(INDEXES).index(index.kind.noun) + 1 :]
    after = replace(after, noun_now=following[0] if following else "", cursor=0)
    return Page(found=found, after=after, over=not following)


def _names(s: Services, index: Index, f: Forgetting) -> tuple[list[str], bool]:
    (names,) = s.store.read(
        [("ZRANGE", keys.everyone(index.kind.noun), f.cursor, f.cursor + PAGE - 1)],
    )
    return list(names), len(names) == PAGE


def _mine(s: Services, index: Index, names: Sequence[str], f: Forgetting) -> list[Record]:
    asked = ("id", index.born, *index.fields)
    raws = s.store.read([("HMGET", f"{index.kind.noun}:{name}", *asked) for name in names])
    told = [dict(zip(asked, (value or "" for value in raw), strict=True)) for raw in raws]
    theirs = [
        raw["id"]
        for raw in told
        if raw["id"] and float(raw[index.born] or 0) <= f.begun and index.mine(raw, f)
    ]
    return s.store.get_all(index.kind, theirs)


def _known(f: Forgetting, found: Sequence[Record]) -> Forgetting:
    """What is theirs leads to more that is. A promise of somebody else that rang their telephone does not."""
    for record in found:
        match record:
            case Promise() if record.customer == f.number:
                f = _with(f, promises=record.id, contacts=record.contact, cases=record.case)
            case Contact():
                f = _with(f, contacts=record.id, cases=record.case)
            case Case():
                f = _with(f, cases=record.id)
            case _:
                pass
    return f


def _with(f: Forgetting, **names: str) -> Forgetting:
    more = {
        field: (*getattr(f, field), name)
        for field, name in names.items()
        if name and name not in getattr(f, field)
    }
    return replace(f, **more)  # type: ignore[arg-type]  # three fields of ids


# ---- erasing


def erase(s: Services, page: Page, change: Change) -> Forgetting | None:
    """The forgetting after this page; None when something of it has to end first: look again."""
    after, waits = page.after, False
    for record in page.found:
        if _open(record):
            waits = True
            if isinstance(record, Promise) and record.customer == after.number:
                _call_off(s, record, change)
            continue
        after = replace(after, erased=counted(after.erased, f"{record.noun}s", 1))
        _take(s, record, after, change)
    return None if waits else after


def _open(record: Record) -> bool:
    match record:
        case Promise():
            return record.state not in ENDED
        case Contact():
            return record.state is not ContactState.ENDED
        case Offer():
            return record.state is not OfferState.OVER
        case Text():
            return record.state is TextState.SENDING
        case _:
            return False


def _call_off(s: Services, promise: Promise, change: Change) -> None:
    """Only in a restored record: whoever was forgotten had nothing open, or did not want it."""
    callback_dial.called_off(s, promise, change)
    promise_lifecycle.decline(s, promise, change, by="forgotten")


def _take(s: Services, record: Record, f: Forgetting, change: Change) -> None:
    match record:
        case Promise() if record.customer != f.number:  # another's: it rang this telephone
            change.put(record, replace(record, number=""))
        case Text() if record.state is TextState.UNSENT:  # nobody is there to read it
            change.rest(change.put(record, replace(nobodys(record), state=TextState.REFUSED)))
        case Case():
            for entry in last_talk.thread(s, record.id):
                if entry.get("sid"):
                    change.op("DEL", keys.heard(entry["sid"]))
            change.op("DEL", keys.thread(record.id))
            case_index.forget(s.store, record, change)
            change.put(record, nobodys(record))
        case Contact():
            change.op("DEL", keys.inputs(record.id), f"code:{record.id}")
            change.put(record, nobodys(record))
        case Promise():
            change.op("DEL", f"code:{record.id}")
            change.put(record, nobodys(record))
        case _:
            change.put(record, nobodys(record))
