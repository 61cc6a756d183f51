"""The audit: what the journal and the records say of what always holds, each for itself. It changes nothing.

The line goes on meanwhile, so a record may be a step ahead of the journal that was read. Whatever seems broken is looked at
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
from ivr.usecases.promises.overdue import Overdue


@dataclass(frozen=True, kw_only=True)
class Findings:
    """Counts by name, in the order they are shown; what is broken; what is late.

    `entries`: of the journal, all read; `left_lying`: members that are open and not in `wake`, as repair.py takes them.
    """

    contacts: dict[str, int]
    promises: dict[str, int]
    violations: tuple[Violation, ...]
    left_lying: tuple[str, ...] = ()
    entries: int = 0
    overdue: Overdue = field(default_factory=Overdue)


def audit(s: RedisServices, *, archived: bool = False) -> Findings:
    """`archived`: with the files of the journal. Raises Unavailable, archive.Damaged."""
    s.clock.follow()
    found = _look(s, archived=archived)
    if found.violations:
        again = _look(s, archived=archived)
        both = {_what(v) for v in found.violations}
        found = again if not again.violations else _only(again, both)
    return found


def _what(v: Violation) -> tuple[str, str, str]:
    return v.invariant, v.member, v.what


def _only(found: Findings, both: set[tuple[str, str, str]]) -> Findings:
    return replace(found, violations=tuple(v for v in found.violations if _what(v) in both))


def _look(s: RedisServices, *, archived: bool) -> Findings:
    told = check_event_log.account(s, archived=archived)
    seen = check_records.inspect(s, told)
    late = overdue.look(s)
    broken = {_what(v): v for v in (*told.violations, *seen.violations, *_nobody_looks(late))}
    return Findings(
        contacts=_contacts(seen.contacts),
        promises=_promises(seen.promises, told.counts),
        violations=tuple(broken.values()),
        left_lying=tuple(seen.left_lying),
        entries=told.entries,
        overdue=late,
    )


def _nobody_looks(late: Overdue) -> list[Violation]:
    """In `wake` is worth something only while somebody looks at what is due there."""
    if not late.behind:
        return []
    invariant = "I2" if late.member.startswith("promise:") else "I1"
    todo = "Is `ivr scheduler` running, and the workers? `ivr doctor` says; `ivr up` restarts them."
    what = "has been due for more than a minute and nobody has looked"
    return [Violation(invariant=invariant, member=late.member, what=what, todo=todo)]


def _contacts(counts: Counter[str]) -> dict[str, int]:
    names = [o.value for o in Outcome if o.value]
    return {name: counts[name] for name in ("contacts", *names, "open")}


def _promises(counts: Counter[str], told: Counter[str]) -> dict[str, int]:
    """`on time`: of those that the journal tells of."""
    return {
        "promises": counts["promises"],
        "kept": counts[PromiseState.KEPT],
        "on time": told["kept"] - told["late"],
        "declined": counts[PromiseState.DECLINED],
        "in a person's hands": counts[PromiseState.OWNED],
        "escalated": counts[PromiseState.ESCALATED],
        "open": counts["open"],
    }
