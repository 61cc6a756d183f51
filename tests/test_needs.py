"""What this machine lacks is told: in CI by a failure, elsewhere by tests that are skipped and counted."""

import subprocess
import sys
from pathlib import Path

import pytest

from ivr.settings.load import read_environment

FILES = {
    "conftest.py": "from tests.conftest import pytest_terminal_summary\n",
    "test_a.py": """
import pytest
from tests import needs

@pytest.mark.parametrize("n", [1, 2])
def test_a(n):
    needs.missing("A browser", "Install one.")

def test_b():
    needs.missing("Paper", "Buy some.")

def test_c():
    pass
""",
}


def run(folder: Path, ci: str) -> subprocess.CompletedProcess[str]:
    for name, text in FILES.items():
        (folder / name).write_text(text)
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-q",
        "-p",
        "no:cacheprovider",
        "--rootdir",
        str(folder),
        str(folder),
    ]
    env = {**read_environment(), "CI": ci, "PYTHONPATH": str(Path(__file__).parents[1])}
    return subprocess.run(command, cwd=folder, env=env, capture_output=True, text=True, check=False)


def test_tests_that_cannot_run_are_skipped_and_the_end_says_how_many_and_what_to_do(tmp_path: Path) -> None:
    done = run(tmp_path, ci="")
    assert done.returncode == pytest.ExitCode.OK, done.stdout
    assert (
        "Skipped 2 tests: A browser is missing. Install one.\nSkipped 1 test: Paper is missing. Buy some.\n"
        in done.stdout
    )
    assert "1 passed, 3 skipped" in done.stdout


def test_in_ci_they_fail(tmp_path: Path) -> None:
    done = run(tmp_path, ci="true")
    assert done.returncode == pytest.ExitCode.TESTS_FAILED, done.stdout
    assert "Paper is missing. Buy some." in done.stdout
    assert "3 failed, 1 passed" in done.stdout
