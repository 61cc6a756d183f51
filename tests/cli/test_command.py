"""The command as an operator meets it."""

from __future__ import annotations

import subprocess
import sys
from importlib import metadata
from pathlib import Path

from tests.cli.conftest import Run


def test_it_says_its_version(ivr_process: Run) -> None:
    assert ivr_process("--version").stdout == f"calor, version {metadata.version('calor')}\n"


def test_a_missing_setting_is_said_in_words_and_not_as_a_traceback(ivr_process: Run) -> None:
    failed = ivr_process("web")
    assert failed.returncode == 2
    assert failed.stderr.startswith("`TWILIO_ACCOUNT_SID` is not set.")
    assert "Traceback" not in failed.stderr


def test_the_example_of_an_env_file_needs_no_settings(ivr: Run) -> None:
    printed = ivr("doctor", "--env-example")
    assert printed.stdout == (Path(__file__).parents[2] / ".env.example").read_text()


def test_every_command_explains_itself(ivr: Run) -> None:
    told = ivr("--help").stdout
    for command in ("up", "web", "worker", "clock", "redis", "doctor", "twilio"):
        assert f"\n  {command} " in told


def test_a_queue_that_does_not_exist_is_refused(ivr: Run) -> None:
    assert "callbacks" in ivr("worker", "faxes").stderr


def test_the_command_starts_without_what_it_does_not_need() -> None:
    """The Twilio SDK alone takes 0.1 to 0.3 s to import."""
    code = "import sys, ivr.cli, ivr.settings, ivr.cli.web, ivr.cli.doctor; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert not {"twilio", "flask", "redis", "gevent", "ivr.flow"} & set(loaded.stdout.split())
