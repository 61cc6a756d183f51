"""A flow's transfer to a telephone outside: whoever takes it presses a key, and nobody is lost when nobody does."""

from __future__ import annotations

from pathlib import Path

import pytest

from ivr.cli.demo.stage import Stage
from ivr.domain.actor import Actor, Channel
from ivr.domain.records.agent import AgentState
from ivr.domain.records.contact import ContactState, Outcome
from ivr.flow.loader.library import read_flow_files
from ivr.usecases.flows import publish
from tests.stories.people import DIANE, LORI, TAKES_IT, Script, contacts, listen, pause, press, promises
from tests.stories.watch import contact_is, hangs_up, play, presses, reach, to_the_end, was_told

NURSE = "+12025550190"
NORA = Actor(id="nora", channel=Channel.TERMINAL)
KNOCK = "Press 1 to take the call"


@pytest.fixture
def on_call(stage: Stage) -> Stage:
    """Key 1 leads to a nurse's own telephone, and from there to support. Lori has pressed it."""
    files = read_flow_files(Path("flows"))
    nurse = f'bookings: {{transfer: "{NURSE}", next: support}}'
    main = files["main.yaml"].replace("bookings: {queue: bookings}", nurse)
    draft = publish.PublishRequest(files={**files, "main.yaml": main}, base_version="")
    publish.publish_flows(stage.services, draft, "a nurse on call", NORA)
    stage.add_agent("Diane", DIANE, TAKES_IT)
    stage.set_agent_state("Diane", AgentState.AWAY)
    return stage


def rings_in(stage: Stage) -> None:
    say = [listen("For bookings"), press("1"), listen("In one sentence"), pause(3000)]
    stage.call_line(LORI, say)


def taken(stage: Stage) -> bool:
    joined = {entry["who"] for entry in stage.read_emulator_log() if entry["kind"] == "bridged"}
    return contacts(stage)[0].external_transfer == "taken" and {LORI, NURSE} <= joined


def nurse(stage: Stage, script: Script) -> None:
    stage.set_phone(NURSE, script=script)


def test_who_presses_the_key_has_the_caller_and_that_was_a_person(on_call: Stage) -> None:
    nurse(on_call, [listen(KNOCK), press("1"), pause(3000)])
    rings_in(on_call)
    reach(on_call, taken)
    assert not was_told(on_call, NURSE, "Lori")
    hangs_up(on_call, LORI)
    ended = to_the_end(on_call)
    assert (ended.outcome, ended.disposition) == (Outcome.HELPED, "transfer")


def test_afterwards_there_is_the_line_again_for_who_needs_more(on_call: Stage) -> None:
    nurse(on_call, [listen(KNOCK), press("1"), pause(3000)])
    rings_in(on_call)
    reach(on_call, taken)
    hangs_up(on_call, NURSE)
    reach(on_call, lambda s: was_told(s, LORI, "Is there anything else"))
    presses(on_call, LORI, "1")
    reach(on_call, contact_is(ContactState.WAITING))
    hangs_up(on_call, LORI)
    assert to_the_end(on_call).outcome is Outcome.PROMISED


def test_who_needs_nothing_more_is_done(on_call: Stage) -> None:
    nurse(on_call, [listen(KNOCK), press("1"), pause(3000)])
    rings_in(on_call)
    reach(on_call, taken)
    hangs_up(on_call, NURSE)
    assert to_the_end(on_call).outcome is Outcome.HELPED
    assert was_told(on_call, LORI, "Thank you for calling")


@pytest.mark.parametrize("answers", [False, True], ids=["nobody", "a voicemail"])
def test_when_nobody_takes_it_the_caller_goes_on_to_a_person(on_call: Stage, *, answers: bool) -> None:
    on_call.set_phone(NURSE, answers=answers, script=[pause(3000)])
    rings_in(on_call)
    reach(on_call, lambda s: was_told(s, LORI, "Nobody took the call there"), 90)
    reach(on_call, contact_is(ContactState.WAITING), 30)
    assert contacts(on_call)[0].queue_place.name == "support"


def test_who_hangs_up_while_it_rings_is_owed_a_call(on_call: Stage) -> None:
    on_call.set_phone(NURSE, answers=False)
    rings_in(on_call)
    play(on_call, 30, until=lambda s: contacts(s)[0].external_transfer == "rings")
    hangs_up(on_call, LORI)
    assert to_the_end(on_call).outcome is Outcome.PROMISED
    assert len(promises(on_call)) == 1
