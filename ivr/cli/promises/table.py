"""Promises in words, for a terminal and for machines. Numbers by their last digits, unless they are asked for."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from ivr.cli.data.integrity import format_duration
from ivr.domain import phone_numbers
from ivr.domain.promise_kinds import get_rules
from ivr.domain.records.customer import Text
from ivr.domain.records.promise import ENDED, Promise
from ivr.domain.rules.event_log_fold import LogEntry
from ivr.usecases.promises.cli_list import due_time
from ivr.usecases.promises.timeline import Timeline

_LINK = re.compile(r"(/p/)[\w.~-]+")  # whoever has the link may change the promise
NUMBER_FIELDS = ("customer", "number", "our_number")


@dataclass(frozen=True, kw_only=True)
class CallbackFormat:
    """How it is shown. `zone`: of the line; `now`: epoch seconds; `full_numbers`: numbers in full."""

    zone: str
    now: float
    full_numbers: bool = False

    def format_number(self, number: str) -> str:
        if not number:
            return "unknown"
        return number if self.full_numbers else f"…{phone_numbers.last_digits(number)}"

    def format_time(self, epoch: float, zone: str = "") -> str:
        """Mon 23 Nov 14:25; with the year when it is another one."""
        if not epoch:
            return "-"
        there = ZoneInfo(zone or self.zone)
        moment, now = datetime.fromtimestamp(epoch, there), datetime.fromtimestamp(self.now, there)
        return moment.strftime("%a %d %b %H:%M" if moment.year == now.year else "%a %d %b %Y %H:%M")

    def format_time_with_seconds(self, epoch: float) -> str:
        return datetime.fromtimestamp(epoch, ZoneInfo(self.zone)).strftime("%a %d %b %H:%M:%S")


def format_table(promises: Sequence[Promise], fmt: CallbackFormat) -> str:
    """One line each; times by the line's clock."""
    head = ("ID", "CALL BY", "", "STATE", "QUEUE", "TRIED", "WHO", "ABOUT")
    rows = [head, *(_table_row(p, fmt) for p in promises)]
    widths = [max(len(row[n]) for row in rows) for n in range(len(head) - 1)]
    return "\n".join(
        "  ".join([*(c.ljust(w) for c, w in zip(row, widths, strict=False)), row[-1]]).rstrip()
        for row in rows
    )


def _table_row(p: Promise, fmt: CallbackFormat) -> tuple[str, ...]:
    who = " ".join(part for part in (p.name, fmt.format_number(p.number)) if part)
    about = p.reason if len(p.reason) <= 40 else p.reason[:39] + "…"
    return (
        p.id,
        fmt.format_time(due_time(p)),
        format_lateness(p, fmt.now),
        p.state,
        p.queue,
        f"{p.attempts}x",
        who,
        about,
    )


def format_lateness(p: Promise, now: float) -> str:
    if p.state in ENDED or not due_time(p):
        return ""
    return (
        f"{format_duration(now - p.due_by)} late"
        if 0 < p.due_by < now
        else f"in {format_duration(due_time(p) - now)}"
    )


def promise_to_json(p: Promise, fmt: CallbackFormat) -> dict[str, Any]:
    """For machines: the record as it is stored, times in epoch seconds, and how late it is in seconds."""
    told = {k: fmt.format_number(v) if k in NUMBER_FIELDS and v else v for k, v in asdict(p).items()}
    late = 0 < p.due_by < fmt.now and p.state not in ENDED
    return {**told, "kind": p.kind_name, "late": round(fmt.now - p.due_by, 3) if late else 0.0}


def format_timeline(timeline: Timeline, fmt: CallbackFormat) -> str:
    p = timeline.promise
    lines = [f"promise {p.id}   {p.kind_name}, {p.state}"]
    lines += [f" {name:<9} {words}" for name, words in _list_details(timeline, fmt) if words]
    lines += [" history"]
    lines += [
        f"   {fmt.format_time_with_seconds(e.at)}  {e.event:<17} {_format_fields(e, p)}".rstrip()
        for e in timeline.entries
    ]
    return "\n".join(lines)


def _list_details(timeline: Timeline, fmt: CallbackFormat) -> list[tuple[str, str]]:
    p = timeline.promise
    called = f" (called from {fmt.format_number(p.customer)})" if p.customer not in ("", p.number) else ""
    theirs = p.zone and p.zone != fmt.zone
    there = f"; {fmt.format_time(due_time(p), p.zone)} in {p.zone}" if theirs else ""
    late = format_lateness(p, fmt.now)
    moved = f"; told a new time {p.times_rescheduled}x" if p.times_rescheduled else ""
    return [
        ("for", f"{p.name or 'name unknown'}, {fmt.format_number(p.number)}{called}, {p.language}"),
        ("about", p.reason),
        ("case", p.case),
        ("made", f"{fmt.format_time(p.created_at)} in contact {p.contact}, for {p.queue}"),
        (
            f"{get_rules(p.kind).noun} by",
            f"{fmt.format_time(due_time(p))}{there}{f' ({late})' if late else ''}{moved}",
        ),
        ("owner", timeline.agent_names.get(p.owner, p.owner)),
        ("last", p.why),
        (
            "next",
            timeline.next_step
            + (
                f"; looked at again {fmt.format_time_with_seconds(timeline.due_at)}"
                if timeline.due_at
                else ""
            ),
        ),
        *(
            ("tried", f"{fmt.format_time_with_seconds(e.at)}  {e.event} {_format_fields(e, p)}".rstrip())
            for e in timeline.attempts
        ),
        *(("text", _format_text(t, fmt)) for t in timeline.texts),
    ]


def _format_text(t: Text, fmt: CallbackFormat) -> str:
    body = _LINK.sub(r"\1…", " ".join(t.body.split()))
    return f'{fmt.format_time_with_seconds(t.created_at)}  {t.state} to {fmt.format_number(t.to)}: "{body}"'


def _format_fields(e: LogEntry, p: Promise) -> str:
    shown = {k: v for k, v in e.fields.items() if (k, v) not in (("promise", p.id), ("about", p.key))}
    return " ".join(f"{k}={v}" for k, v in shown.items())


def timeline_to_json(timeline: Timeline, fmt: CallbackFormat) -> dict[str, Any]:
    """`format_timeline` for machines."""
    return {
        **promise_to_json(timeline.promise, fmt),
        "next": timeline.next_step,
        "wake": timeline.due_at,
        "ahead": timeline.ahead_count,
        "texts": [
            {
                "id": t.id,
                "made": t.created_at,
                "state": t.state,
                "to": fmt.format_number(t.to),
                "body": _LINK.sub(r"\1…", t.body),
            }
            for t in timeline.texts
        ],
        "history": [{"at": e.at, "event": e.event, **e.fields} for e in timeline.entries],
    }
