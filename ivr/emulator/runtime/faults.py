"""Things that go wrong on purpose, a given number of times or with a seeded probability."""

import itertools
import re
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any

from ivr.emulator.runtime.formats import SidGenerator


class RequestKind(StrEnum):
    WEBHOOK = "webhook"  # requests for TwiML
    CALLBACK = "callback"  # status events
    REST = "rest"  # requests to the API
    MEDIA = "media"  # requests for sound


class FaultKind(StrEnum):
    DROP = "drop"
    REFUSE = "refuse"
    SLOW = "slow"
    ERROR = "error"
    LOSE_RESPONSE = "lose_response"
    ERROR_AFTER = "error_after"  # done, and answered as if it had failed
    RATE_LIMIT = "rate_limit"
    TWICE = "twice"
    LATE = "late"
    REORDER = "reorder"
    HIDDEN = "hidden"
    HANG_UP = "hang_up"


WEBHOOK_FAULTS = (
    FaultKind.DROP,
    FaultKind.REFUSE,
    FaultKind.SLOW,
    FaultKind.ERROR,
    FaultKind.LOSE_RESPONSE,
    FaultKind.TWICE,
    FaultKind.LATE,
    FaultKind.HANG_UP,
)


@dataclass(kw_only=True)
class InjectedFault:
    id: int
    where: RequestKind
    what: FaultKind
    match: str = ""  # searched in the URL or path
    times: int = 1  # how often it still happens; -1 always
    probability: float = 1.0
    seconds: float = 0.0
    status: int = 500

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


class FaultInjector:
    def __init__(self, sids: SidGenerator) -> None:
        self._sids = sids
        self._ids = itertools.count(1)
        self.active: dict[int, InjectedFault] = {}

    def add(self, **settings: Any) -> InjectedFault:
        fault = InjectedFault(
            id=next(self._ids),
            where=RequestKind(settings.pop("where")),
            what=FaultKind(settings.pop("what")),
            **settings,
        )
        re.compile(fault.match)
        self.active[fault.id] = fault
        return fault

    def trigger(self, request_kind: RequestKind, target: str, *kinds: FaultKind) -> InjectedFault | None:
        """The fault that happens to `target` now, if any; it is used up by that."""
        for fault in self.active.values():
            if fault.where is not request_kind or fault.what not in kinds or fault.times == 0:
                continue
            if re.search(fault.match, target) and self._sids.chance(fault.probability):
                fault.times -= fault.times > 0
                return fault
        return None
