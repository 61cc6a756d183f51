"""What is late, or will be: what an operator looks at first."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from ivr.domain.records.promise import ENDED, Promise, PromiseState
from ivr.services import RedisServices
from ivr.store import codec, keys
from ivr.store.queries import queues
from ivr.store.store import reaching
from ivr.usecases.promises import lifecycle as promise_lifecycle

LATE = 60.0  # seconds that a look may be late before it counts as left behind
PAGE = 500


@dataclass(frozen=True, kw_only=True)
class Overdue:
    """Times in seconds, 0 = not. Promises by id, the worst first."""

    behind: float = 0.0  # how long the first look has been due
    member: str = ""  # at what
    late: dict[str, float] = field(default_factory=dict)  # promise -> how long its time has passed
    at_risk: dict[str, float] = field(
        default_factory=dict
    )  # promise -> how long it still has; nobody is at it
    unacknowledged: dict[str, float] = field(default_factory=dict)  # escalated -> for how long nobody has it
    failed_jobs: dict[str, int] = field(default_factory=dict)  # by queue

    @property
    def any(self) -> bool:
        return bool(self.behind or self.late or self.at_risk or self.unacknowledged or self.failed_jobs)


def open_promises(s: RedisServices) -> list[Promise]:
    """Whatever is open is in `wake`, so this does not read what has long been kept. What cannot be read the audit tells."""
    (members,) = s.store.read([("ZRANGE", keys.WAKE, 0, -1)])
    owed = [m for m in members if m.startswith("promise:")]
    found = []
    for page in (owed[n : n + PAGE] for n in range(0, len(owed), PAGE)):
        raw = s.store.read([("HGETALL", member) for member in page])
        found += [p for p, _ in (codec.legible(Promise, r) for r in raw) if p and p.state not in ENDED]
    return found


def look(s: RedisServices) -> Overdue:
    """Raises Unavailable."""
    s.clock.follow()
    now = s.clock.now()
    (found,) = s.store.read([("ZRANGE", keys.WAKE, 0, 0, "WITHSCORES")])
    member, at = next(iter(queues.pairs(found)), ("", now))
    owed = open_promises(s)
    waits = [p for p in owed if p.state in (PromiseState.MADE, PromiseState.DUE, PromiseState.ESCALATED)]
    late = {p.id: now - p.until for p in owed if 0 < p.until < now}
    risk = {p.id: p.until - now for p in waits if now <= p.until <= now + promise_lifecycle.FORESEE}
    alone = {p.id: now - p.since for p in owed if p.state is PromiseState.ESCALATED}
    behind = now - at
    with reaching():
        failed = dict(+Counter(s.bell.failed()))
    return Overdue(
        behind=behind if behind > LATE else 0.0,
        member=member if behind > LATE else "",
        late=_worst_first(late),
        at_risk=_worst_first(risk, reverse=False),
        unacknowledged=_worst_first(alone),
        failed_jobs=failed,
    )


def _worst_first(found: dict[str, float], *, reverse: bool = True) -> dict[str, float]:
    return dict(sorted(found.items(), key=lambda pair: pair[1], reverse=reverse))
