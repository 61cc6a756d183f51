"""What is late, or will be: what an operator looks at first."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from ivr.domain.records.promise import ENDED, Promise, PromiseState
from ivr.services import RedisServices
from ivr.store.queries import due_index, records
from ivr.store.query import each
from ivr.store.store import translate_redis_errors
from ivr.usecases.promises import lifecycle as promise_lifecycle

MAX_SCHEDULER_DELAY_SECONDS = 60.0  # seconds that a look may be late before it counts as left behind
PAGE_SIZE = 500


@dataclass(frozen=True, kw_only=True)
class OverdueReport:
    """Times in seconds, 0 = not. Promises by id, the worst first."""

    behind_seconds: float = 0.0  # how long the first look has been due
    behind_key: str = ""  # at what
    late: dict[str, float] = field(default_factory=dict)  # promise -> how long its time has passed
    at_risk: dict[str, float] = field(
        default_factory=dict
    )  # promise -> how long it still has; nobody is at it
    unacknowledged: dict[str, float] = field(default_factory=dict)  # escalated -> for how long nobody has it
    failed_jobs: dict[str, int] = field(default_factory=dict)  # by queue

    @property
    def has_any(self) -> bool:
        return bool(
            self.behind_seconds or self.late or self.at_risk or self.unacknowledged or self.failed_jobs
        )


def list_open_promises(s: RedisServices) -> list[Promise]:
    """Whatever is open is in the due index, so this does not read what has long been kept. What cannot be read the integrity check tells."""
    scheduled = s.store.read(due_index.list_by_time())
    owed = [key.partition(":")[2] for key in scheduled if key.startswith("promise:")]
    found: list[Promise] = []
    for page in (owed[n : n + PAGE_SIZE] for n in range(0, len(owed), PAGE_SIZE)):
        read = s.store.read(each(page, lambda name: records.get_readable(Promise, name)))
        found += [p for p in read.values() if p and p.state not in ENDED]
    return found


def get_overdue_report(s: RedisServices) -> OverdueReport:
    """Raises Unavailable."""
    s.clock.sync()
    now = s.clock.now()
    member, at = s.store.read(due_index.get_first()) or ("", now)
    owed = list_open_promises(s)
    waits = [p for p in owed if p.state in (PromiseState.MADE, PromiseState.DUE, PromiseState.ESCALATED)]
    late = {p.id: now - p.due_by for p in owed if 0 < p.due_by < now}
    risk = {
        p.id: p.due_by - now
        for p in waits
        if now <= p.due_by <= now + promise_lifecycle.ALERT_SUPERVISORS_BEFORE_SECONDS
    }
    alone = {p.id: now - p.not_before for p in owed if p.state is PromiseState.ESCALATED}
    behind = now - at
    with translate_redis_errors():
        failed = dict(+Counter(s.jobs.count_failed()))
    return OverdueReport(
        behind_seconds=behind if behind > MAX_SCHEDULER_DELAY_SECONDS else 0.0,
        behind_key=member if behind > MAX_SCHEDULER_DELAY_SECONDS else "",
        late=_sort_worst_first(late),
        at_risk=_sort_worst_first(risk, reverse=False),
        unacknowledged=_sort_worst_first(alone),
        failed_jobs=failed,
    )


def _sort_worst_first(found: dict[str, float], *, reverse: bool = True) -> dict[str, float]:
    return dict(sorted(found.items(), key=lambda pair: pair[1], reverse=reverse))
