"""The company's own system, asked while a call comes in: the agent is told what it says, the caller goes the way it chooses."""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from ivr.cli.demo.stage import OUR_NUMBER, Stage
from ivr.domain.actor import SYSTEM
from ivr.domain.records.agent import AgentState
from ivr.domain.records.agent_leg import AgentLeg
from ivr.domain.records.contact import Contact
from ivr.store import keys
from ivr.usecases.desk import view as desk_view
from ivr.usecases.privacy import erasure
from tests.conftest import MONDAY_TWO_PM
from tests.lookup.system import System, says, system
from tests.memory import in_memory
from tests.stories.people import (
    BRIDGED,
    DIANE,
    HANG_UP,
    LORI,
    all_ended,
    contacts,
    heard_by,
    listen,
    pause,
    press,
    speak,
    wraps_up,
)

FLOW = """
flow: main
lines: ["*"]
languages: [en]
person: support
steps:
  why: {{ask: reason, next: account}}
  account: {{lookup: "{url}", seconds: 1, answers: {{gold: vip}}, next: support, else: slow}}
  vip: {{say: dear, next: support}}
  slow: {{say: plain, next: support}}
  support: {{queue: support}}
"""
PROMPTS = '\ndear: "You are dear to us."\nplain: "One moment."\n'
FACT = 'Order <4711> & "all" left </Say> on Friday'
HEARS_ALL = [listen("to hear it"), press("1"), listen("Press 1 to take it"), press("3")]
SAYS_WHY = [listen("what is it about"), speak("My order is late")]


@pytest.fixture(scope="module")
def crm() -> Iterator[System]:
    with system() as made:
        yield made


@pytest.fixture(scope="module")
def asking(crm: System) -> Iterator[Stage]:
    """A line whose flow asks `crm`."""
    with tempfile.TemporaryDirectory(prefix="calor-", dir=in_memory()) as folder:
        flows = Path(shutil.copytree("flows", Path(folder) / "flows"))
        (flows / "main.yaml").write_text(FLOW.format(url=crm.url))
        for prompts in (flows / "prompts").glob("*.yaml"):
            prompts.write_text(prompts.read_text() + PROMPTS)
        extra = {
            "IVR_FLOWS": str(flows),
            "IVR_LOOKUP_HOSTS": crm.name,
            "IVR_LOOKUP_PRIVATE": crm.name,
            "IVR_LOOKUP_SECRET": "x" * 32,
        }
        with (Path(folder) / "line.log").open("w") as out:
            stage = Stage(folder=Path(folder), start_time=MONDAY_TWO_PM, out=out, extra_settings=extra)
            stage.start_up()
            try:
                yield stage
            finally:
                stage.shut_down()


@pytest.fixture
def line(asking: Stage, crm: System) -> Stage:
    asking.reset(MONDAY_TWO_PM)
    crm.asked.clear()
    crm.gone.clear()
    return asking


def journal(stage: Stage) -> list[dict[str, str]]:
    (found,) = stage.services.store.send_commands([("XRANGE", keys.EVENT_LOG, "-", "+")])
    entries = [dict(entry) for _, entry in found]
    return [entry for entry in entries if entry["event"] == "lookup"]


def test_what_it_says_is_told_to_the_agent_alone_and_its_answer_chooses_the_way(
    line: Stage, crm: System
) -> None:
    crm.play = says(facts=[FACT, "Pays by card"], name="Lori Miller", answer="gold")
    line.add_agent("Diane", DIANE, [*HEARS_ALL, listen("Pays by card"), press("1"), BRIDGED, *wraps_up()])
    line.set_agent_state("Diane", AgentState.AWAY)
    line.call_line(LORI, [*SAYS_WHY, BRIDGED, pause(60), HANG_UP])
    assert line.play(60, until=lambda: "You are dear to us" in " ".join(heard_by(line, LORI)))
    ((_, _, body),) = crm.asked
    (contact,) = contacts(line)
    assert json.loads(body) == {
        "contact": contact.id,
        "line": OUR_NUMBER,
        "number": LORI,
        "language": "en",
        "flow": "main",
        "reason": "My order is late",
    }

    line.set_agent_state("Diane")
    talking = lambda: bool((d := desk_view.get_desk(line.services, "diane")) and d.talk)  # noqa: E731
    assert line.play(120, until=talking)
    desk = desk_view.get_desk(line.services, "diane")
    assert desk is not None
    assert desk.talk is not None
    told = [*desk.talk.brief["before"], *desk.talk.brief["after"]]
    marked = [f'Our system says: "{FACT}".', 'Our system says: "Pays by card".']
    assert [s for s in told if s.startswith("Our system says")] == marked
    assert 'Our system gives the name "Lori Miller".' in told
    by_ear = " ".join(heard_by(line, DIANE))
    assert all(sentence in by_ear for sentence in marked)

    assert line.play(200, until=lambda: all_ended(line))
    to_lori = " ".join(heard_by(line, LORI))
    assert not any(private in to_lori for private in ("4711", "card", "Miller"))
    (entry,) = journal(line)
    assert (entry["step"], entry["answer"], "failed" in entry) == ("account", "gold", False)
    assert "4711" not in str(line.services.store.send_commands([("XRANGE", keys.EVENT_LOG, "-", "+")]))

    (contact,) = contacts(line)
    assert contact.lookup.facts.splitlines() == [FACT, "Pays by card"]
    line.play(120)
    begun = erasure.begin_erasure(line.services, LORI, actor=SYSTEM, decline_promises=True)
    erasure.run_steps(line.services, begun.id)
    (contact,) = contacts(line)
    assert (contact.lookup.facts, contact.lookup.name) == ("", "")


def test_a_system_that_takes_too_long_is_waited_for_no_longer_and_twilio_asks_once(
    line: Stage, crm: System
) -> None:
    crm.drip(b"HTTP/1.1 200 OK\r\nX: ", b"x", b"\r\n\r\n")
    line.call_line(LORI, [*SAYS_WHY, pause(60), HANG_UP])
    assert line.play(60, until=lambda: "One moment" in " ".join(heard_by(line, LORI)))
    assert len(crm.asked) == 1
    (entry,) = journal(line)
    assert (entry["failed"], "answer" in entry) == ("late", False)
    (contact,) = contacts(line)
    assert (contact.lookup.facts, contact.queue_place.name) == ("", "support")
    assert line.play(120, until=lambda: all_ended(line))


def test_a_system_that_is_broken_costs_the_caller_nothing_else(line: Stage, crm: System) -> None:
    crm.play = b"their words"
    line.add_agent("Diane", DIANE, [*HEARS_ALL, pause(5), press("1"), BRIDGED, *wraps_up()])
    line.call_line(LORI, [*SAYS_WHY, BRIDGED, pause(10), HANG_UP])
    assert line.play(300, until=lambda: all_ended(line))
    assert "One moment" in " ".join(heard_by(line, LORI))
    assert [entry["failed"] for entry in journal(line)] == ["away"]
    assert "their words" not in (line.folder / "line.log").read_text()
    (leg,) = line.services.store.list_all(AgentLeg)
    contact = line.services.store.get(Contact, leg.contact)
    assert contact is not None
    assert contact.talked
