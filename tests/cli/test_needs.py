"""Commands that only read ask for what they read and for nothing else: REDIS_URL alone, or no setting at all."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from ivr.domain.actor import SYSTEM, Actor, Channel
from ivr.flow.loader.library import read_flow_files
from ivr.services import Services
from ivr.usecases.calls import announcements
from ivr.usecases.customers import profile as customer_profile
from ivr.usecases.flows import publish
from ivr.usecases.staff import roster
from tests.cli.conftest import Run
from tests.stories.people import LORI
from tests.usecases.conftest import at_rest, still
from tests.usecases.promises.promised import owe

__all__ = ["at_rest", "still"]

ADA = Actor(id="ada", channel=Channel.TERMINAL)
FLOWS = Path(__file__).parents[2] / "flows"


@pytest.fixture
def promise(still: Services) -> str:
    """A record with something for each command to read; the id of a promise in it."""
    roster.add_agent(still, roster.AgentDetails(name="Diane", phone="+12025550111", skills=("support",)))
    customer_profile.set_name(still, LORI, "Lori Miller")
    publish.publish_flows(
        still, publish.PublishRequest(files=read_flow_files(FLOWS), base_version=""), "Open until nine", ADA
    )
    announcements.turn_on(still, {"en": "Our office is flooded."}, SYSTEM)
    return owe(still).id


@pytest.mark.parametrize(
    ("command", "told"),
    [
        ("agents list", "Diane"),
        ("check", "promises 1"),
        (f"customers show {LORI}", "Lori Miller"),
        ("announcements list", "Our office is flooded."),
        ("flows history", "Open until nine"),
        ("flows diff --folder {flows}", ""),
        ("flows pull --folder {tmp} --force", ""),
        ("audit-log --hours 1000000", "flows published"),
        ("callbacks list", "support"),
        ("callbacks show {promise}", "callback, made"),
        ("quarantine show", "No quarantine"),
        ("report --from 2026-11-23 --to 2026-11-23", "Repeat calls"),
    ],
)
def test_what_only_reads_redis_needs_its_address_alone(
    promise: str, at_rest: dict[str, str], tmp_path: Path, ivr: Run, command: str, told: str
) -> None:
    (tmp_path / "flows").mkdir()
    argv = command.format(promise=promise, flows=FLOWS, tmp=tmp_path / "flows").split()
    done = ivr(*argv, REDIS_URL=at_rest["REDIS_URL"])
    assert (done.returncode in {0, 1}, done.stderr.count("is not set")) == (True, 0), done.stderr
    assert told in done.stdout


def test_a_rehearsal_needs_redis_and_the_files(
    promise: str, at_rest: dict[str, str], ivr_process: Run
) -> None:
    done = ivr_process("flows", "replay", str(FLOWS), REDIS_URL=at_rest["REDIS_URL"], IVR_FLOWS=str(FLOWS))
    assert done.returncode == 0, done.stderr


def test_a_backup_needs_redis_alone(promise: str, at_rest: dict[str, str], tmp_path: Path, ivr: Run) -> None:
    done = ivr("backup", str(tmp_path / "b.calor"), REDIS_URL=at_rest["REDIS_URL"])
    assert done.returncode == 0, done.stderr
    assert "1 open promises" in done.stdout


@pytest.mark.parametrize("command", ["agents list", "check", "callbacks list", "report", "flows history"])
def test_without_the_address_it_is_asked_for_and_nothing_else_is(ivr: Run, command: str) -> None:
    done = ivr(*command.split())
    assert done.returncode == 2
    assert "`REDIS_URL` is not set. Everything the line knows and owes is kept in this Redis" in done.stderr
    assert "TWILIO" not in done.stderr


def test_a_setting_that_is_misspelt_is_still_told(at_rest: dict[str, str], ivr: Run) -> None:
    done = ivr("agents", "list", REDIS_URL=at_rest["REDIS_URL"], IVR_DEFAULT_TIME_ZON="Europe/Lisbon")
    assert (done.returncode, "Did you mean `IVR_DEFAULT_TIME_ZONE`?" in done.stderr) == (2, True)


def test_what_changes_something_asks_for_every_setting(at_rest: dict[str, str], ivr: Run) -> None:
    """It acts as the line does: half of the settings would make half of a line."""
    done = ivr("agents", "state", "Diane", "available", REDIS_URL=at_rest["REDIS_URL"])
    assert (done.returncode, "`TWILIO_ACCOUNT_SID` is not set." in done.stderr) == (2, True)


@pytest.mark.parametrize(
    "command",
    [
        "flows check {flows}",
        "flows draw --folder {flows}",
        "flows hours --folder {flows}",
        "flows simulate --folder {flows} --at 2026-11-23T14:00",
        "flows new-language pt {flows}",
        "flows schema",
        "flows reference",
        "event-log check",
        "twilio fallback",
        "twilio probe --list",
        "doctor --env-example",
    ],
)
def test_what_only_reads_files_needs_no_setting(tmp_path: Path, ivr: Run, command: str) -> None:
    (tmp_path / "flows").symlink_to(FLOWS)
    done = ivr(*command.format(flows=FLOWS).split())
    assert done.returncode == 0, done.stderr
    assert done.stdout


def test_files_that_were_published_to_a_redis_that_is_gone_can_be_published_to_another(
    still: Services, at_rest: dict[str, str], tmp_path: Path, ivr: Run
) -> None:
    for name, text in read_flow_files(FLOWS).items():
        (tmp_path / "flows" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "flows" / name).write_text(text)
    (tmp_path / "flows" / ".published").write_text("0123456789abcdef\n")
    done = ivr("flows", "publish", "-m", "Try it", "--json", **at_rest)
    assert done.returncode == 0, done.stderr
    assert (json.loads(done.stdout)["previous_version"], json.loads(done.stdout)["reason"]) == ("", "Try it")
