"""What a check of `ivr doctor` found."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class FindingLevel(StrEnum):
    OK = "ok"
    WARNING = "mind"  # it works; but
    ERROR = "wrong"


@dataclass(frozen=True, kw_only=True)
class Finding:
    what: str
    level: FindingLevel
    says: str
    fix: str = ""
