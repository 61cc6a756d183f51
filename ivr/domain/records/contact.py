"""Contacts: one customer's attempt to reach us, from the first ring to its outcome."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import ClassVar

from ivr.domain.errors import IllegalTransition
from ivr.domain.record import Record
from ivr.domain.records.contact_parts import (
    AfterCall,
    AfterCallQuestion,
    Caller,
    ConferencePlaces,
    ContactHistory,
    ExternalTransfer,
    FlowProgress,
    Hold,
    IdentityCheck,
    LookupResult,
    PartyLocation,
    QueuePlace,
    SameNumberCalls,
)
from ivr.domain.records.disposition import Disposition


class ContactState(StrEnum):
    FLOW = "flow"  # following the flow
    WAITING = "waiting"  # in the queue for a person; `position` is set while choosing a callback there
    CALLING = "calling"  # a callback: the customer's phone rings, an agent is in the conference
    TALKING = "talking"  # claimed by an agent; being joined, or in the conference
    ON_HOLD = "on hold"  # the agent steps out to consult; the caller is spoken to
    AFTER_CALL = "after-call questions"  # after the talk: anything else? how was it?
    AWAITING_DISPOSITION = (
        "awaiting disposition"  # the caller has gone; the agent has not said yet how it went
    )
    ENDED = "ended"


LIVE = frozenset(ContactState) - {ContactState.AWAITING_DISPOSITION, ContactState.ENDED}

OUTSIDE_CONFERENCE = frozenset(
    {ContactState.AFTER_CALL, ContactState.ON_HOLD, ContactState.WAITING}
)  # the caller is to be in no conference


class Outcome(StrEnum):
    NONE = ""
    HELPED = "helped"
    PROMISED = "promised"
    DECLINED = "declined"
    LEFT_EARLY = "left early"
    LOST = "lost"


_NEXT_STATES: dict[ContactState, frozenset[ContactState]] = {
    **dict.fromkeys(LIVE, frozenset(ContactState)),
    ContactState.AWAITING_DISPOSITION: frozenset(
        {ContactState.ENDED, ContactState.AWAITING_DISPOSITION, ContactState.FLOW, ContactState.CALLING}
    ),
    # a contact rests between the calls that are made to its customer
    ContactState.ENDED: frozenset({ContactState.ENDED, ContactState.FLOW, ContactState.CALLING}),
}


@dataclass(frozen=True, kw_only=True)
class Contact(Record):
    record_type: ClassVar[str] = "contact"

    state: ContactState = ContactState.FLOW
    outcome: Outcome = Outcome.NONE
    call: str = ""  # CallSid of the customer's present leg
    ended_call: str = ""  # CallSid of the last leg of theirs that has ended
    started_at: float = 0.0
    ended_at: float = 0.0  # the first time

    caller: Caller = Caller()
    flow_progress: FlowProgress = FlowProgress()
    lookup: LookupResult = LookupResult()
    queue_place: QueuePlace = QueuePlace()
    same_number: SameNumberCalls = SameNumberCalls()
    conference: ConferencePlaces = ConferencePlaces()
    hold: Hold = Hold()
    after_call: AfterCall = AfterCall()
    history: ContactHistory = ContactHistory()

    reason: str = ""  # the caller's sentence, verbatim
    case: str = ""
    promise: str = ""  # owed to this contact, or being kept by it
    leg: str = ""  # the agent being asked, then the agent's leg in the talk
    external_transfer: ExternalTransfer = ExternalTransfer.NONE
    talked: bool = False  # both were in the conference
    person_confirmed: bool = False  # of a callback: a key or a yes, which no machine gives
    connection_lost: bool = False  # the agent was lost, so the caller is told that a connection broke
    next_steps: str = ""  # what happens next, in the agent's words, for the caller to hear
    disposition: Disposition = Disposition.NONE
    disposition_calls: int = 0  # times an agent was rung for it
    transfers: int = 0
    served_by: str = ""  # the agent who said yes to them last
    finished_talks: int = 0  # talks with a person that have ended

    @property
    def is_with_us(self) -> bool:
        """Whether, as far as we know, their leg is asking us what to hear, and is in no conference."""
        where = self.conference.caller_location
        return self.state in OUTSIDE_CONFERENCE and where is PartyLocation.LEFT_CONFERENCE

    @property
    def conference_name(self) -> str:
        return f"{self.id}-{self.conference.number}"

    # ---- transitions: each says what the contact is from now on; raises IllegalTransition where it cannot become that

    def join_queue(self, place: QueuePlace) -> Contact:
        """They wait for a person."""
        return self._become(
            ContactState.WAITING,
            external_transfer=ExternalTransfer.NONE,
            queue_place=place,
            flow_progress=self._out_of_dialog(),
        )

    def return_to_flow(self) -> Contact:
        """Out of the queue or the talk: the flow says what comes next."""
        return self._become(ContactState.FLOW)

    def claim(self, leg_id: str, *, agent: str) -> Contact:
        """An agent has said yes to them: both go to a new conference. `agent`: "" for somebody outside."""
        return self._become(
            ContactState.TALKING,
            leg=leg_id,
            served_by=agent or self.served_by,
            talked=False,
            connection_lost=False,
            conference=replace(
                self.conference.next(),
                sid="",
                caller_location=PartyLocation.JOINING,
                agent_location=PartyLocation.IN_CONFERENCE,
                joined_at=0.0,
            ),
            flow_progress=self._out_of_dialog(),
        )

    def receive_agent(self, leg_id: str) -> Contact:
        """The agent who was to call them comes over to the call that they have made meanwhile."""
        return self._become(
            ContactState.TALKING,
            leg=leg_id,
            conference=replace(
                self.conference,
                number=1,
                caller_location=PartyLocation.IN_CONFERENCE,
                agent_location=PartyLocation.JOINING,
            ),
        )

    def start_callback(self, leg_id: str, *, promise: str) -> Contact:
        """An agent waits in a new conference while their phone is rung."""
        return self._become(
            ContactState.CALLING,
            promise=promise,
            leg=leg_id,
            call="",
            talked=False,
            person_confirmed=False,
            disposition=Disposition.NONE,
            next_steps="",
            disposition_calls=0,
            conference=replace(
                self.conference.next(),
                agent_location=PartyLocation.IN_CONFERENCE,
                caller_location=PartyLocation.JOINING,
                sid="",
            ),
            after_call=replace(self.after_call, rating_asked=False),
        )

    def meet_agent(self) -> Contact:
        """The customer who was called is in the conference with the agent."""
        return self._become(
            ContactState.TALKING,
            talked=True,
            conference=replace(self.conference, caller_location=PartyLocation.IN_CONFERENCE),
        )

    def bring_to_conference(self, *, same_conference: bool) -> Contact:
        """The caller is to come (back) into the talk, in the present conference or in a new one."""
        conference = self.conference if same_conference else self.conference.next()
        return self._become(
            ContactState.TALKING,
            conference=replace(
                conference, caller_location=PartyLocation.JOINING, stays_open=same_conference, left_at=0.0
            ),
            hold=replace(self.hold, started_at=0.0),
            flow_progress=self._out_of_dialog(),
        )

    def put_on_hold(self, now: float) -> Contact:
        """Their agent steps out: the conference ends."""
        return self._become(
            ContactState.ON_HOLD,
            conference=replace(
                self.conference.next(), agent_location=PartyLocation.LEFT_CONFERENCE, stays_open=False, sid=""
            ),
            hold=Hold(started_at=now),
            queue_place=replace(self.queue_place, choice_given_at=now),
        )

    def hand_to_colleague(self) -> Contact:
        """The colleague of the consult is their agent from now on."""
        return replace(
            self,
            leg=self.conference.consult_leg,
            transfers=self.transfers + 1,
            conference=replace(
                self.conference.without_colleague(), agent_location=PartyLocation.IN_CONFERENCE
            ),
        )

    def begin_after_call(self) -> Contact:
        """The agent has gone and the caller is still there."""
        return self._become(
            ContactState.AFTER_CALL,
            conference=self.conference.next(),
            after_call=replace(self.after_call, question=AfterCallQuestion.ANYTHING_ELSE),
            flow_progress=self._out_of_dialog(),
        )

    def requeue_at_front(self, place: QueuePlace) -> Contact:
        """They have lost their agent: nobody's again, and waiting. `place`: before everybody else."""
        return self._become(
            ContactState.WAITING,
            leg="",
            talked=False,
            disposition=Disposition.NONE,
            queue_place=replace(place, choice_given_at=0.0),
            conference=replace(
                self.conference.next().without_colleague(), agent_location=PartyLocation.NOWHERE
            ),
            hold=replace(self.hold, started_at=0.0),
            flow_progress=self._out_of_dialog(),
        )

    def detach_from_agents(self) -> Contact:
        """A held caller who will be called instead: on the line still, but nobody's."""
        places = replace(self.conference.next().without_colleague(), agent_location=PartyLocation.NOWHERE)
        return self._become(
            ContactState.FLOW, leg="", conference=places, hold=replace(self.hold, started_at=0.0)
        )

    def await_disposition(self) -> Contact:
        """They have gone; the agent has not said yet how it went."""
        return self._become(
            ContactState.AWAITING_DISPOSITION,
            conference=replace(self.conference, caller_location=PartyLocation.HUNG_UP),
            flow_progress=self._out_of_dialog(),
        )

    def end(self, outcome: Outcome, now: float) -> Contact:
        return self._become(
            ContactState.ENDED,
            outcome=outcome,
            leg="",
            ended_at=self.ended_at or now,
            finished_talks=self.finished_talks + int(self.talked),
            conference=replace(self.conference, caller_location=PartyLocation.HUNG_UP, consult_leg=""),
            flow_progress=self._out_of_dialog(),
        )

    def reopen(self) -> Contact:
        """Ended in our books, and on the line all the same."""
        flowing = self._become(ContactState.FLOW, flow_progress=self._out_of_dialog())
        return flowing.place_caller(PartyLocation.LEFT_CONFERENCE)

    # ---- changes within a state

    def place_caller(self, where: PartyLocation) -> Contact:
        return replace(self, conference=replace(self.conference, caller_location=where))

    def place_agent(self, where: PartyLocation) -> Contact:
        return replace(self, conference=replace(self.conference, agent_location=where))

    def place_colleague(self, where: PartyLocation) -> Contact:
        return replace(self, conference=replace(self.conference, consult_leg_location=where))

    def without_colleague(self) -> Contact:
        return replace(self, conference=self.conference.without_colleague())

    def _out_of_dialog(self) -> FlowProgress:
        return replace(self.flow_progress, position="", identity_check=IdentityCheck.NONE)

    def _become(self, state: ContactState, **fields: object) -> Contact:
        if state not in _NEXT_STATES[self.state]:
            raise IllegalTransition(f"Contact {self.id} is {self.state} and cannot become {state}.")
        return replace(self, state=state, **fields)  # type: ignore[arg-type]  # fields of Contact, checked by replace
