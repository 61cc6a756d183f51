"""A transfer in whatever order people and the network take: a state machine drawn by Hypothesis.

A caller talks with Diane. From then on anything may come next, at any instant: any click at anybody's desk, any key on
anybody's phone, anyone hangs up, is not there, says no, and Twilio fails. I5: whoever is on the line in the end talks
to a person, and nobody heard silence on the way. I6: by the emulator's record, nobody came into a room with a caller
who had not been told who it is and said yes, by key or by click.

`make transfers` plays two thousand of them.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule, run_state_machine_as_test

from ivr.cli.demo.stage import Stage
from ivr.domain.records.agent import AgentState
from ivr.domain.records.agent_leg import AgentLeg, LegState, MonitoringMode
from ivr.domain.records.contact import LIVE
from ivr.domain.records.contact_parts import PartyLocation
from ivr.usecases.agents import monitoring
from ivr.usecases.agents.monitoring import MonitoringNotPossible
from ivr.usecases.desk import actions as desk_actions
from ivr.usecases.desk.guards import ActionNotPossible
from ivr.usecases.desk.targets import Target, TargetKind
from ivr.usecases.integrity.check import check_integrity
from tests.conftest import MONDAY_TWO_PM
from tests.stories.agents.transfer_rules import (
    OUTSIDE,
    fitting,
    goodbye_was_said,
    unless_over,
    who_came_in_had_said_yes,
)
from tests.stories.people import (
    BRIDGED,
    DANIELLE,
    DIANE,
    LORI,
    TAKES_IT,
    VICKI,
    Script,
    contacts,
    listen,
    pause,
    press,
)
from tests.stories.watch import act, fault, live_legs, offers, play, reach, together

EACH = 100  # schedules in one test
VERA = "+12025550114"
STAFF = {"diane": DIANE, "vicki": VICKI, "danielle": DANIELLE}
PEOPLE = (LORI, DIANE, VICKI, DANIELLE, OUTSIDE)
STILL: Script = [pause(3000)]
# What somebody does who is rung.
MANNERS: dict[str, Script] = {
    "takes it": [*TAKES_IT, pause(3000)],
    "takes it and goes": [*TAKES_IT, pause(3), {"do": "hang_up"}],
    "comes and goes at once": [*TAKES_IT, {"do": "hang_up"}],
    "says no": [listen("to hear it"), press("1"), listen("Press 1 to take it"), press("2"), pause(3000)],
    "hangs up in the brief": [listen("to hear it"), press("1"), pause(1.5), {"do": "hang_up"}],
    "hangs up at once": [{"do": "hang_up"}],
    "presses nothing": STILL,
    "is asked from outside": [pause(2), press("1"), BRIDGED, pause(3000)],
}
FAULTS = (
    ("callback", "drop", "/voice/conference-events/"),
    ("callback", "twice", "/voice/"),
    ("callback", "late", "/voice/agent-status/"),
    ("callback", "late", "/voice/conference-events/"),
    ("callback", "reorder", "/voice/"),
    ("rest", "error", "Calls/CA"),
    ("rest", "error", "Calls.json"),
    ("rest", "drop", "Calls/CA"),
    ("rest", "lose_response", "Calls/CA"),
    ("rest", "lose_response", "Calls.json"),
    ("rest", "error", "Participants"),
    ("rest", "late", "Calls/CA"),
    ("webhook", "lose_response", "/voice/agent/"),
    ("webhook", "drop", "/voice/agent/"),
    ("webhook", "late", "/voice/"),
)
TARGETS = st.sampled_from(
    [
        Target(kind=TargetKind.AGENT, name="vicki"),
        Target(kind=TargetKind.AGENT, name="danielle"),
        Target(kind=TargetKind.SUPERVISOR),
        Target(kind=TargetKind.QUEUE, name="support"),
        Target(kind=TargetKind.EXTERNAL, name=OUTSIDE),
    ]
)
AGENTS = st.sampled_from(sorted(STAFF))
CLICKS: dict[str, Callable[[Any, str, Target], object]] = {
    "hold": lambda s, who, _: desk_actions.hold(s, who),
    "back": lambda s, who, _: desk_actions.return_to_caller(s, who),
    "consult": lambda s, who, target: desk_actions.consult(s, who, target, "She has asked twice"),
    "introduce": lambda s, who, _: desk_actions.introduce(s, who),
    "hand over": lambda s, who, _: desk_actions.complete_transfer(s, who),
    "blind": lambda s, who, target: desk_actions.blind_transfer(s, who, target, "For you"),
    "done": lambda s, who, _: desk_actions.finish_talk(s, who),
    "promise": lambda s, who, _: desk_actions.promise_callback(s, who, 2),
}
VICKI_ = Target(kind=TargetKind.AGENT, name="vicki")
# What Diane has clicked before the schedule begins.
BEGINNINGS = {
    "in the talk": (),
    "on hold": ("hold",),
    "a colleague is asked": ("consult",),
    "all three": ("consult", "introduce"),
    "handed over": ("consult", "hand over"),
    "handed on": ("blind",),
}


class Transfers(RuleBasedStateMachine):
    stage: Stage

    def __init__(self) -> None:
        super().__init__()
        self.clicked: set[str] = set()  # offers accepted at the desk

    @initialize(
        manners=st.tuples(*[st.sampled_from(sorted(MANNERS))] * 3),
        slow=st.floats(0.5, 12),
        there=st.booleans(),
        begin=st.sampled_from(sorted(BEGINNINGS)),
    )
    def a_talk(self, manners: tuple[str, str, str], slow: float, there: bool, begin: str) -> None:
        stage = self.stage
        stage.reset(MONDAY_TWO_PM)
        stage.add_agent("Diane", DIANE, MANNERS["takes it"])
        for (name, phone), manner in zip((("Vicki", VICKI), ("Danielle", DANIELLE)), manners, strict=False):
            stage.add_agent(name, phone, MANNERS[manner], supervisor=name == "Danielle")
            stage.set_phone(phone, name=name, script=MANNERS[manner], after=slow)
            stage.set_agent_state(name, AgentState.AWAY)
        stage.set_phone(OUTSIDE, script=MANNERS[manners[2]], answers=there)
        stage.call_line(LORI, STILL)
        reach(stage, together(DIANE, LORI))
        stage.set_phone(DIANE, name="Diane", script=MANNERS[manners[2]], after=slow)
        stage.set_agent_state("Diane", AgentState.AWAY)
        stage.set_agent_state("Vicki")
        stage.set_agent_state("Danielle")

        self._lead_to(begin)

    def _lead_to(self, begin: str) -> None:
        """From the talk to where the schedule begins, as far as the colleague's manner lets it come."""
        for what in BEGINNINGS[begin]:
            with suppress(ActionNotPossible):
                CLICKS[what](self.stage.services, "diane", VICKI_)
            play(self.stage, 25, self._settled)

    def _settled(self, stage: Stage) -> bool:
        """Nobody is on the way into a room."""
        (contact,) = contacts(stage)
        return PartyLocation.JOINING not in (
            contact.conference.caller_location,
            contact.conference.agent_location,
            contact.conference.consult_leg_location,
        )

    @rule(seconds=st.sampled_from([0.0, 0.1, 0.5, 1.0, 2.0, 4.0, 9.0, 25.0]))
    def time_passes(self, seconds: float) -> None:
        play(self.stage, seconds)

    @rule(which=st.integers(0, 59), whom=TARGETS)
    def a_click_that_fits(self, which: int, whom: Target) -> None:
        """By whoever has the call now, one of what they may do there."""
        (contact,) = contacts(self.stage)
        leg = self.stage.services.store.get(AgentLeg, contact.leg)
        if leg is not None and (what := fitting(contact)):
            with suppress(ActionNotPossible):
                CLICKS[what[which % len(what)]](self.stage.services, leg.agent, whom)

    @rule(who=AGENTS, what=st.sampled_from(sorted(CLICKS)), whom=TARGETS)
    def any_click(self, who: str, what: str, whom: Target) -> None:
        """Another tab, a moment too late."""
        with suppress(ActionNotPossible):
            CLICKS[what](self.stage.services, who, whom)

    @rule(who=AGENTS, yes=st.booleans())
    def an_answer_at_the_desk(self, who: str, yes: bool) -> None:
        asked = [o for o in offers(self.stage) if o.agent == who and o.state is not LegState.ENDED]
        for leg in asked[-1:]:
            with suppress(ActionNotPossible):
                if yes:
                    desk_actions.accept(self.stage.services, who, leg.id)
                    self.clicked.add(leg.id)
                else:
                    desk_actions.decline(self.stage.services, who, leg.id)

    @rule(ear=st.sampled_from([MonitoringMode.MONITOR, MonitoringMode.WHISPER, MonitoringMode.BARGE]))
    def a_supervisor_listens(self, ear: MonitoringMode) -> None:
        with suppress(MonitoringNotPossible):
            monitoring.start(self.stage.services, "danielle", contacts(self.stage)[0].id, ear)

    @rule(
        ear=st.sampled_from(
            [MonitoringMode.MONITOR, MonitoringMode.WHISPER, MonitoringMode.BARGE, MonitoringMode.NONE]
        )
    )
    def a_supervisor_does_otherwise(self, ear: MonitoringMode) -> None:
        with suppress(MonitoringNotPossible):
            if ear is MonitoringMode.NONE:
                monitoring.stop(self.stage.services, "danielle")
            else:
                monitoring.change_mode(self.stage.services, "danielle", ear)

    @rule(
        who=st.sampled_from(PEOPLE), keys=st.sampled_from(["1", "2", "3", "4", "5", "*", "0", "102#", "103#"])
    )
    def a_key(self, who: str, keys: str) -> None:
        if self._holds(who):
            with unless_over():
                act(self.stage, who, "press", keys=keys)

    @rule(who=st.sampled_from(PEOPLE))
    def somebody_hangs_up(self, who: str) -> None:
        if self._holds(who):
            with unless_over():
                act(self.stage, who, "hang_up")

    @rule(who=AGENTS, manner=st.sampled_from(sorted(MANNERS)), answers=st.booleans())
    def somebody_is_there_no_more(self, who: str, manner: str, answers: bool) -> None:
        self.stage.set_phone(STAFF[who], name=who.title(), answers=answers, script=MANNERS[manner])

    @rule(what=st.sampled_from(FAULTS), seconds=st.floats(0.5, 5))
    def twilio_fails(self, what: tuple[str, str, str], seconds: float) -> None:
        fault(self.stage, *what, times=1, seconds=seconds)

    def teardown(self) -> None:
        """Everybody who works here is gone, but Vera has come: whoever still waits for a person talks to her."""
        stage = self.stage
        stage.call_control_api("DELETE", "/emulator/faults")
        for name, phone in STAFF.items():
            stage.set_agent_state(name.title(), AgentState.AWAY)
            stage.set_phone(phone, name=name.title(), answers=False)
        stage.add_agent("Vera", VERA, MANNERS["takes it"], supervisor=True)
        for leg in live_legs(stage):
            if LORI not in (leg["from"], leg["to"]):
                with unless_over():
                    stage.call_control_api("POST", f"/emulator/legs/{leg['sid']}/hang_up", {})
        reach(stage, self._well, 300)
        who_came_in_had_said_yes(stage, self.clicked)
        broken = check_integrity(stage.services).violations
        assert not broken, [str(violation) for violation in broken]

    def _well(self, stage: Stage) -> bool:
        """I5, of whoever is on the line and of whoever is not."""
        (contact,) = contacts(stage)
        if live_legs(stage, LORI):
            return together(VERA, LORI)(stage)
        if contact.state in LIVE:
            return False
        goodbye_was_said(stage)
        return True

    def _holds(self, number: str) -> bool:
        legs = live_legs(self.stage, number)
        return len(legs) == 1 and legs[0]["status"] == "in-progress"


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    wanted = metafunc.config.getoption("--schedules")
    metafunc.parametrize("part", range(-(-wanted // EACH)))


def test_whatever_comes_next_nobody_is_stranded_and_nobody_comes_in_unasked(
    stage: Stage, part: int, request: pytest.FixtureRequest
) -> None:
    Transfers.stage = stage
    wanted = min(EACH, request.config.getoption("--schedules") - part * EACH)
    play_them = settings(
        max_examples=wanted,
        stateful_step_count=14,
        deadline=None,
        database=None,
        phases=[Phase.generate],  # to make a failure smaller takes hundreds of plays
        suppress_health_check=list(HealthCheck),
    )
    run_state_machine_as_test(seed(part)(Transfers), settings=play_them)
