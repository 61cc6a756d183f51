"""What the app does for one kind of effect."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

from ivr.domain.records.contact import Contact
from ivr.flow.turn import Effect
from ivr.services import Services
from ivr.store.change import Change
from ivr.telephony.reply import Verb

E = TypeVar("E", bound=Effect)


@dataclass(frozen=True, kw_only=True)
class Action(Generic[E]):
    """`carry_out` returns the contact as it will be, and the RESULT that the step hears. What it writes goes into the change.

    RESULT "" means that the call leaves the flow, for a queue or for a telephone outside: a RESULT may come later, by another webhook.
    Then `build_verb` says what Twilio does meanwhile. It is given the number of the caller's last input, and whether they are in
    Twilio's waiting room.
    """

    effect: type[E]
    carry_out: Callable[[Services, Contact, E, Change], tuple[Contact, str]]
    build_verb: Callable[[Services, Contact, E, int, bool], Verb] | None = None
