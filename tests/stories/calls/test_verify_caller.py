"""A line that reads nothing back before a texted code was entered (I7: confirmed)."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from ivr.cli.demo.stage import Stage
from ivr.domain.phone_numbers import TrustLevel
from ivr.domain.records.customer import Customer
from ivr.store.change import Change
from tests.conftest import MONDAY_TWO_PM
from tests.memory import in_memory
from tests.stories.people import LORI, Script, contacts, heard_by, listen, pause, press, texts_to


@pytest.fixture(scope="module")
def clinic() -> Iterator[Stage]:
    with (
        tempfile.TemporaryDirectory(prefix="calor-", dir=in_memory()) as folder,
        (Path(folder) / "line.log").open("w") as out,
    ):
        stage = Stage(
            folder=Path(folder),
            start_time=MONDAY_TWO_PM,
            out=out,
            extra_settings={"IVR_READ_BACK": "confirmed"},
        )
        stage.start_up()
        try:
            yield stage
        finally:
            stage.shut_down()


@pytest.fixture
def line(clinic: Stage) -> Stage:
    clinic.reset(MONDAY_TWO_PM)
    change = Change(now=clinic.now)
    change.put(
        None,
        Customer(
            id=LORI,
            name="Lori Miller",
            last_at=clinic.now - 3600,
            last_agent_name="Danielle",
            last_subject="the suitcase",
        ),
    )
    assert clinic.services.store.commit(change)
    return clinic


def played(line: Stage, script: Script, seconds: float = 40) -> str:
    line.call_line(LORI, script)
    line.play(seconds)
    return " ".join(heard_by(line, LORI))


def code_of(line: Stage) -> str:
    found = re.search(r"\d{6}", texts_to(line, LORI)[0])
    assert found
    return found[0]


def enter(line: Stage, keys: str) -> None:
    (contact,) = contacts(line)
    line.call_control_api("POST", f"/emulator/legs/{contact.call}/press", {"keys": keys})
    line.play(30)


def test_nothing_is_read_back_to_who_does_not_ask_for_a_code(line: Stage) -> None:
    heard = played(line, [pause(60)])
    assert "Press 1 and I text you a code" in heard
    for private in ("Lori", "Danielle", "suitcase"):
        assert private not in heard
    assert texts_to(line, LORI) == []


def test_who_enters_the_texted_code_hears_their_own_matter(line: Stage) -> None:
    played(line, [listen("I text you a code"), press("1"), pause(120)], 12)
    enter(line, code_of(line))
    heard = " ".join(heard_by(line, LORI))
    assert "Hello, Lori." in heard
    assert "You spoke with Danielle" in heard
    (contact,) = contacts(line)
    assert (contact.caller.trust_level, contact.caller.texted_code) == (TrustLevel.CONFIRMED, "")


def test_a_wrong_code_is_asked_for_once_more_and_opens_nothing(line: Stage) -> None:
    played(line, [listen("I text you a code"), press("1"), pause(120)], 12)
    wrong = "000000" if code_of(line) != "000000" else "111111"
    enter(line, wrong)
    assert "once more" in " ".join(heard_by(line, LORI))
    enter(line, wrong)
    heard = " ".join(heard_by(line, LORI))
    for private in ("Lori", "Danielle", "suitcase"):
        assert private not in heard
    (contact,) = contacts(line)
    assert (contact.caller.trust_level, contact.caller.texted_code) == (TrustLevel.ATTESTED, "")


def test_a_person_is_a_key_away_from_the_code_too(line: Stage) -> None:
    played(line, [listen("I text you a code"), press("0"), pause(60)], 15)
    (contact,) = contacts(line)
    assert contact.queue_place.queued_at
