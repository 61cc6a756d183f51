"""What some tests need of the machine besides Python. `.ci/run` installs it; elsewhere those tests are skipped."""

from collections import Counter
from collections.abc import Iterable
from typing import NoReturn

import pytest

from ivr.settings.load import read_environment


def missing(what: str, remedy: str) -> NoReturn:
    """Skip the test that runs, because the machine lacks something. In CI fail it: there nothing is skipped.

    `remedy` is a whole sentence in the imperative.
    """
    reason = f"{what} is missing. {remedy}"
    if read_environment().get("CI") == "true":
        pytest.fail(reason, pytrace=False)
    pytest.skip(reason)


def summary(reports: Iterable[pytest.TestReport]) -> list[str]:
    """Return a line for each reason for which tests were skipped, with their number."""
    reasons = Counter(
        report.longrepr[2].removeprefix("Skipped: ")
        for report in reports
        if isinstance(report.longrepr, tuple)
    )
    return [f"Skipped {number} test{'s'[: number > 1]}: {reason}" for reason, number in reasons.items()]
