"""How a talk ended, in the agent's words or in ours when no agent could say."""

from __future__ import annotations

from enum import StrEnum


class Disposition(StrEnum):
    NONE = ""  # not said yet
    HELPED = "helped"
    MORE = "more"  # something remains to be done
    TRANSFER = "transfer"
    MACHINE = "machine"  # a machine answered a callback
    NOBODY = "nobody"  # nobody came to the telephone
    FALLBACK = "fallback"  # talked with a person while this line could not answer
    RESTORED = "restored"  # instead of the agent's, which was lost with the database
