"""The whole line, running for real, once for all stories; each test begins with an empty record and empty telephones."""

from __future__ import annotations

import gc
import tempfile
from collections.abc import Generator, Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from ivr.cli.demo.stage import Stage
from tests import needs
from tests.memory import in_memory

settings.register_profile("any machine", deadline=None)  # however slow it is: no test asserts a time
settings.load_profile("any machine")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--schedules", type=int, default=5, help="random schedules of transfers to play")
    parser.addoption("--flows", type=int, default=25, help="random flows to check and to call")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say at the end which tests were skipped, and how to have them run."""
    for line in needs.summary(terminalreporter.stats.get("skipped", [])):
        terminalreporter.write_line(line, yellow=True)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Add to a failure the end of what the processes of its stage have logged."""
    report = yield
    stage = getattr(item, "funcargs", {}).get("running")
    if report.failed and isinstance(stage, Stage):
        last = Path(stage.out.name).read_text(errors="replace").splitlines()[-LOG_LINES:]
        report.sections.append(("the log of the line, its end", "\n".join(last)))
    return report


LOG_LINES = 80

# what takes longest, the longest first: files and folders
SLOW = (
    "cli/serve/test_procfile.py",
    "endurance/chaos/",
    "stories/callbacks/test_exactly_once",
    "stories/operations/test_processes_fail.py",
    "endurance/day/",
    "stories/",
    "browser/",
    "cli/",
    "web/test_hostile_",
    "flow/checker/test_random_flows.py",
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with what takes longest, so that several processes end together: a file that is one test may take a minute."""
    here = Path(__file__).parent

    def place(item: pytest.Item) -> int:
        path = item.path.relative_to(here).as_posix()
        return next((place for place, start in enumerate(SLOW) if path.startswith(start)), len(SLOW))

    items.sort(key=place)


def pytest_collection_finish() -> None:
    """Take what was collected out of the garbage collector's sight: walking through it is a tenth of these processes' work."""
    gc.collect()
    gc.freeze()


# Monday, 23 November 2026, 14:00 in New York: open, and nobody's night
MONDAY_TWO_PM = 1795460400.0
# who is rung when the line is broken; nobody calls from them
FALLBACK_NUMBERS = ("+12025550181", "+12025550182")


@pytest.fixture(scope="session")
def running() -> Iterator[Stage]:
    with tempfile.TemporaryDirectory(prefix="calor-", dir=in_memory()) as folder:
        log = Path(folder) / "line.log"
        with log.open("w") as out:
            extra = {"IVR_FALLBACK_NUMBERS": ",".join(FALLBACK_NUMBERS)}
            stage = Stage(folder=Path(folder), start_time=MONDAY_TWO_PM, out=out, extra_settings=extra)
            stage.start_up()
            try:
                yield stage
            finally:
                stage.shut_down()


@pytest.fixture
def stage(running: Stage) -> Stage:
    running.reset(MONDAY_TWO_PM)
    return running
