"""The command as an operator meets it."""

from __future__ import annotations

import subprocess
import sys
from importlib import metadata
from pathlib import Path

import click
import pytest

from ivr.cli import COMMANDS, cli
from tests.cli.conftest import Run


def test_it_says_its_version(ivr_process: Run) -> None:
    assert ivr_process("--version").stdout == f"calor, version {metadata.version('calor')}\n"


def test_a_missing_setting_is_said_in_words_and_not_as_a_traceback(ivr_process: Run) -> None:
    failed = ivr_process("web")
    assert failed.returncode == 2
    assert failed.stderr.startswith("`REDIS_URL` is not set.")
    assert "\n`TWILIO_ACCOUNT_SID` is not set." in failed.stderr
    assert "Traceback" not in failed.stderr


def test_the_example_of_an_env_file_needs_no_settings(ivr: Run) -> None:
    printed = ivr("doctor", "--env-example")
    assert printed.stdout == (Path(__file__).parents[2] / ".env.example").read_text()


def test_every_command_explains_itself(ivr: Run) -> None:
    told = ivr("--help").stdout
    for command in ("up", "web", "worker", "scheduler", "redis", "doctor", "twilio"):
        assert f"\n  {command} " in told


def test_a_queue_that_does_not_exist_is_refused(ivr: Run) -> None:
    assert "callbacks" in ivr("worker", "faxes").stderr


@pytest.mark.parametrize("name", list(COMMANDS))
def test_what_is_listed_of_a_command_is_what_it_says_of_itself(name: str) -> None:
    listed = COMMANDS[name]
    with click.Context(cli) as ctx:
        command = cli.get_command(ctx, name)
    assert command is not None
    assert command.name == name
    assert listed.help == command.get_short_help_str(limit=1000)


HEAVY = {
    "aiohttp",
    "flask",
    "gevent",
    "importlib.metadata",
    "pydantic",
    "redis",
    "rq",
    "twilio",
    "ivr.flow",
    "ivr.services",
    "ivr.settings",
}


@pytest.mark.parametrize(
    "group",
    ["", "agents", "announcements", "callbacks", "customers", "event-log", "flows", "quarantine", "twilio"],
)
def test_help_imports_nothing_that_it_does_not_need(tmp_path: Path, group: str) -> None:
    code = (
        f"import sys; sys.argv = ['ivr', *{group.split()}, '--help']\n"
        "from ivr.cli import main\n"
        "try:\n    main()\nfinally:\n    print(*sys.modules, file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "Commands:" in done.stdout
    assert not HEAVY & set(done.stderr.split())
    if not group:
        assert not {where.partition(":")[0] for where, _ in COMMANDS.values()} & set(done.stderr.split())


def test_a_command_that_does_not_exist_is_told_so(ivr: Run) -> None:
    done = ivr("agent", "list")
    assert (done.returncode, "No such command 'agent'" in done.stderr) == (2, True)


def test_the_command_starts_without_what_it_does_not_need() -> None:
    """The Twilio SDK alone takes 0.1 to 0.3 s to import."""
    code = "import sys, ivr.cli, ivr.settings, ivr.cli.serve.web, ivr.cli.doctor.command; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert not {"twilio", "flask", "redis", "gevent", "ivr.flow"} & set(loaded.stdout.split())
