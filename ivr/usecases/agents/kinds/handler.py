"""What differs between the kinds of agents' legs. `registry` finds the handler of a kind."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import ClassVar

from ivr.domain.records.agent_leg import AgentLeg
from ivr.flow.turn import SpokenPrompt
from ivr.services import Services
from ivr.store.change import Change
from ivr.store.queries.leg_view import LegView
from ivr.telephony.reply import Reply
from ivr.usecases.agents import talk


class LegHandler(ABC):
    """The defaults are those of a leg whose agent hears a brief, says yes, and talks with the customer."""

    needs_brief: ClassVar[bool] = True  # False: the key that shows that a person listens is their yes
    rings_before_callbacks: ClassVar[bool] = True  # when the account may not start all calls at once
    is_about_customer: ClassVar[bool] = True  # their desk shows the customer
    outlives_calls: ClassVar[bool] = False  # legs of calls borrow it; it goes on when they end

    @abstractmethod
    def screening_prompt(self, services: Services, view: LegView) -> SpokenPrompt:
        """What they hear when they pick up: what it is about, and to press a key."""

    @abstractmethod
    def accept(self, services: Services, view: LegView) -> Reply:
        """They say yes."""

    def choices_phrase_key(self, view: LegView) -> str:
        """The question after the brief."""
        del view
        return "agent.choices"

    def on_not_accepted(self, services: Services, leg: AgentLeg, passed_by: str, change: Change) -> None:
        """Nobody comes: whoever it was about goes on. `passed_by`: the agent who was asked and did not come, "" when they were not."""
        del services, leg, passed_by, change

    def prompt(self, services: Services, view: LegView) -> Reply:
        """Where the leg should be now, once it was accepted."""
        return talk.prompt(services, view)

    def explain_end(self, services: Services, view: LegView) -> Reply | None:
        """Why the leg has ended, in words for the agent; None: the ordinary words."""
        del services, view
        return None

    def on_conference_left(self, services: Services, view: LegView, conference_number: int) -> Reply:
        """The leg came out of its conference alive."""
        return talk.on_conference_left(services, view, conference_number)

    def on_hangup(self, services: Services, leg: AgentLeg) -> None:
        """The call of an accepted leg has ended, and its wrap-up has not begun."""
        talk.on_hangup(services, leg)

    def check(self, services: Services, leg: AgentLeg) -> bool:
        """Look whether an accepted leg is where it should be. False: nothing was looked at, look as at every leg."""
        del services, leg
        return False

    def find_borrower(self, services: Services, view: LegView) -> str:
        """The id of the leg of a call that is on this leg now; "" when it is there for itself."""
        del services, view
        return ""
