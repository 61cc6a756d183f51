"""The integrity check: what the event log and the records say of what always holds, each for itself. It changes nothing.

The line goes on meanwhile, so a record may be a step ahead of the event log that was read. Whatever seems broken is looked at
a second time; only what is broken both times is told.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace

from ivr.domain.records.contact import Outcome
from ivr.domain.records.promise import PromiseState
from ivr.domain.rules.violation import Violation
from ivr.services import RedisServices
from ivr.usecases.integrity import check_event_log, check_records
from ivr.usecases.promises import overdue
from ivr.usecases.promises.overdue import OverdueReport


@dataclass(frozen=True, kw_only=True)
class Findings:
    """Counts by name, in the order they are shown; what is broken; what is late.

    `entries`: of the event log, all read; `unscheduled`: keys of records that are open and not in the due index, as repair.py takes them.
    """

    contacts: dict[str, int]
    promises: dict[str, int]
    violations: tuple[Violation, ...]
    unscheduled: tuple[str, ...] = ()
    entries: int = 0
    overdue: OverdueReport = field(default_factory=OverdueReport)


def check_integrity(s: RedisServices, *, archived: bool = False) -> Findings:
    """`archived`: with the files of the event log. Raises Unavailable, ArchiveDamaged."""
    s.clock.sync()
    found = _check_once(s, archived=archived)
    if found.violations:
        again = _check_once(s, archived=archived)
        both = {_identity(v) for v in found.violations}
        found = again if not again.violations else _keep_only(again, both)
    return found


def _identity(violation: Violation) -> tuple[str, str, str]:
    return violation.invariant, violation.key, violation.problem


def _keep_only(found: Findings, identities: set[tuple[str, str, str]]) -> Findings:
    return replace(found, violations=tuple(v for v in found.violations if _identity(v) in identities))


def _check_once(s: RedisServices, *, archived: bool) -> Findings:
    told = check_event_log.check_log(s, archived=archived)
    seen = check_records.check_all_records(s, told)
    late = overdue.get_overdue_report(s)
    broken = {_identity(v): v for v in (*told.violations, *seen.violations, *_scheduler_violations(late))}
    return Findings(
        contacts=_contact_counts(seen.contacts),
        promises=_promise_counts(seen.promises, told.counts),
        violations=tuple(broken.values()),
        unscheduled=tuple(seen.unscheduled),
        entries=told.entries,
        overdue=late,
    )


def _scheduler_violations(late: OverdueReport) -> list[Violation]:
    """The due index is worth something only while somebody looks at what is due there."""
    if not late.behind_seconds:
        return []
    invariant = "I2" if late.behind_key.startswith("promise:") else "I1"
    todo = "Is `ivr scheduler` running, and the workers? `ivr doctor` says; `ivr up` restarts them."
    what = "has been due for more than a minute and nobody has looked"
    return [Violation(invariant=invariant, key=late.behind_key, problem=what, advice=todo)]


def _contact_counts(counts: Counter[str]) -> dict[str, int]:
    names = [o.value for o in Outcome if o.value]
    return {name: counts[name] for name in ("contacts", *names, "open")}


def _promise_counts(counts: Counter[str], log_counts: Counter[str]) -> dict[str, int]:
    """`on time`: of those that the event log tells of."""
    return {
        "promises": counts["promises"],
        "kept": counts[PromiseState.KEPT],
        "on time": log_counts["kept"] - log_counts["late"],
        "declined": counts[PromiseState.DECLINED],
        "in a person's hands": counts[PromiseState.OWNED],
        "escalated": counts[PromiseState.ESCALATED],
        "open": counts["open"],
    }
