"""A draft of the flows: what somebody is writing and has not published."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from ivr.domain.record import Record


@dataclass(frozen=True, kw_only=True)
class FlowDraft(Record):
    """One of each person: its id is that of their account. It has no end of its own: it is published, or thrown away by hand."""

    record_type: ClassVar[str] = "draft"

    base_version: str = ""  # the published version that it was begun on; "" = none was published then
    started_at: float = 0.0
    changed_at: float = 0.0
    stored_files: str = "{}"  # JSON: texts by their path within the folder, all of them

    @property
    def texts(self) -> Mapping[str, str]:
        found: Mapping[str, str] = json.loads(self.stored_files)
        return found
