"""Promises in words, for a terminal and for machines. Numbers by their last digits, unless they are asked for."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from ivr.cli.data.integrity import span
from ivr.domain import phone_numbers
from ivr.domain.records.customer import Text
from ivr.domain.records.promise import ENDED, Promise
from ivr.domain.rules.event_log_fold import Entry
from ivr.usecases.promises.cli_list import by_when
from ivr.usecases.promises.timeline import Account

_LINK = re.compile(r"(/p/)[\w.~-]+")  # whoever has the link may change the promise
NUMBERS = ("customer", "number", "line")


@dataclass(frozen=True, kw_only=True)
class Look:
    """How it is shown. `zone`: of the line; `now`: epoch seconds; `whole`: numbers in full."""

    zone: str
    now: float
    whole: bool = False

    def number(self, number: str) -> str:
        if not number:
            return "unknown"
        return number if self.whole else f"…{phone_numbers.ending(number)}"

    def at(self, epoch: float, zone: str = "") -> str:
        """Mon 23 Nov 14:25; with the year when it is another one."""
        if not epoch:
            return "-"
        there = ZoneInfo(zone or self.zone)
        moment, now = datetime.fromtimestamp(epoch, there), datetime.fromtimestamp(self.now, there)
        return moment.strftime("%a %d %b %H:%M" if moment.year == now.year else "%a %d %b %Y %H:%M")

    def second(self, epoch: float) -> str:
        return datetime.fromtimestamp(epoch, ZoneInfo(self.zone)).strftime("%a %d %b %H:%M:%S")


def table(promises: Sequence[Promise], look: Look) -> str:
    """One line each; times by the line's clock."""
    head = ("ID", "CALL BY", "", "STATE", "QUEUE", "TRIED", "WHO", "ABOUT")
    rows = [head, *(_row(p, look) for p in promises)]
    widths = [max(len(row[n]) for row in rows) for n in range(len(head) - 1)]
    return "\n".join(
        "  ".join([*(c.ljust(w) for c, w in zip(row, widths, strict=False)), row[-1]]).rstrip()
        for row in rows
    )


def _row(p: Promise, look: Look) -> tuple[str, ...]:
    who = " ".join(part for part in (p.name, look.number(p.number)) if part)
    about = p.reason if len(p.reason) <= 40 else p.reason[:39] + "…"
    return p.id, look.at(by_when(p)), lateness(p, look.now), p.state, p.queue, f"{p.attempt}x", who, about


def lateness(p: Promise, now: float) -> str:
    if p.state in ENDED or not by_when(p):
        return ""
    return f"{span(now - p.until)} late" if 0 < p.until < now else f"in {span(by_when(p) - now)}"


def row(p: Promise, look: Look) -> dict[str, Any]:
    """For machines: the record as it is stored, times in epoch seconds, and how late it is in seconds."""
    told = {k: look.number(v) if k in NUMBERS and v else v for k, v in asdict(p).items()}
    late = 0 < p.until < look.now and p.state not in ENDED
    return {**told, "late": round(look.now - p.until, 3) if late else 0.0}


def page(told: Account, look: Look) -> str:
    p = told.promise
    lines = [f"promise {p.id}   {p.kind}, {p.state}"]
    lines += [f" {name:<9} {words}" for name, words in _facts(told, look) if words]
    lines += [" history"]
    lines += [f"   {look.second(e.at)}  {e.event:<17} {_ids(e, p)}".rstrip() for e in told.history]
    return "\n".join(lines)


def _facts(told: Account, look: Look) -> list[tuple[str, str]]:
    p = told.promise
    called = f" (called from {look.number(p.customer)})" if p.customer not in ("", p.number) else ""
    theirs = p.zone and p.zone != look.zone
    there = f"; {look.at(by_when(p), p.zone)} in {p.zone}" if theirs else ""
    late = lateness(p, look.now)
    moved = f"; told a new time {p.moved}x" if p.moved else ""
    return [
        ("for", f"{p.name or 'name unknown'}, {look.number(p.number)}{called}, {p.language}"),
        ("about", p.reason),
        ("case", p.case),
        ("made", f"{look.at(p.made_at)} in contact {p.contact}, for {p.queue}"),
        ("call by", f"{look.at(by_when(p))}{there}{f' ({late})' if late else ''}{moved}"),
        ("owner", told.names.get(p.owner, p.owner)),
        ("last", p.why),
        ("next", told.next + (f"; looked at again {look.second(told.wake)}" if told.wake else "")),
        *(("tried", f"{look.second(e.at)}  {e.event} {_ids(e, p)}".rstrip()) for e in told.attempts),
        *(("text", _text(t, look)) for t in told.texts),
    ]


def _text(t: Text, look: Look) -> str:
    body = _LINK.sub(r"\1…", " ".join(t.body.split()))
    return f'{look.second(t.made)}  {t.state} to {look.number(t.to)}: "{body}"'


def _ids(e: Entry, p: Promise) -> str:
    shown = {k: v for k, v in e.told.items() if (k, v) not in (("promise", p.id), ("about", p.member))}
    return " ".join(f"{k}={v}" for k, v in shown.items())


def account(told: Account, look: Look) -> dict[str, Any]:
    """`page` for machines."""
    return {
        **row(told.promise, look),
        "next": told.next,
        "wake": told.wake,
        "ahead": told.ahead,
        "texts": [
            {
                "id": t.id,
                "made": t.made,
                "state": t.state,
                "to": look.number(t.to),
                "body": _LINK.sub(r"\1…", t.body),
            }
            for t in told.texts
        ],
        "history": [{"at": e.at, "event": e.event, **e.told} for e in told.history],
    }
