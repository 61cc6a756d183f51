"""`ivr agents`, `customers` and `audit` as an operator types them."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest

from ivr.cli.stage import Stage


@pytest.fixture
def ivr(stage: Stage) -> Ivr:
    return Ivr(stage)


class Ivr:
    def __init__(self, stage: Stage) -> None:
        self._env = {**os.environ, **stage.env}  # noqa: TID251 - the environment of a process we start

    def __call__(self, *argv: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "ivr.cli", *argv],
            env=self._env,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )


def test_who_asked_not_to_be_called_is_written_down_and_taken_back(ivr: Ivr) -> None:
    assert "is not called any more" in ivr("customers", "no-calls", "+12025550155").stdout
    assert json.loads(ivr("customers", "show", "+12025550155").stdout)["no_calls"] is True
    assert "may be called again" in ivr("customers", "no-calls", "+12025550155", "--lift").stdout
    assert json.loads(ivr("customers", "show", "+12025550155").stdout)["no_calls"] is False


def test_an_agent_is_added_listed_set_available_and_removed(ivr: Ivr) -> None:
    added = ivr(
        "agents",
        "add",
        "Diane",
        "--phone",
        "+12025550111",
        "--skills",
        "support,billing",
        "--languages",
        "en,es",
    )
    assert (added.returncode, "extension 101" in added.stdout) == (0, True), added.stderr
    assert "Diane is available." in ivr("agents", "state", "diane", "available").stdout
    (row,) = json.loads(ivr("agents", "list", "--json").stdout)
    assert (row["name"], row["state"], row["skills"]) == ("Diane", "available", ["support", "billing"])
    assert ivr("agents", "remove", "Diane").returncode == 0
    assert json.loads(ivr("agents", "list", "--json").stdout) == []


def test_a_wrong_number_and_an_unknown_name_are_told_with_what_would_be_right(ivr: Ivr) -> None:
    wrong = ivr("agents", "add", "Diane", "--phone", "555-0111")
    assert (wrong.returncode, "E.164" in wrong.stderr) == (1, True)
    ivr("agents", "add", "Diane", "--phone", "+12025550111")
    unknown = ivr("agents", "state", "Daine", "available")
    assert unknown.returncode == 2
    assert "Nobody is called Daine. There are: Diane." in unknown.stderr


def test_what_to_mind_is_written_with_who_wrote_it_and_shown(ivr: Ivr) -> None:
    assert ivr("customers", "name", "+12025550155", "Lori Miller").returncode == 0
    assert (
        "cannot fax (Diane)" in ivr("customers", "mind", "+12025550155", "cannot fax", "--by", "Diane").stdout
    )
    shown = json.loads(ivr("customers", "show", "+12025550155").stdout)
    assert (shown["name"], shown["minding"]) == ("Lori Miller", ["cannot fax (Diane)"])
    nobody = ivr("customers", "show", "+12025550199")
    assert (nobody.returncode, "Nobody has called from" in nobody.stderr) == (2, True)


def test_the_audit_of_a_clean_record_exits_with_zero(ivr: Ivr) -> None:
    clean = ivr("audit")
    assert (clean.returncode, "every invariant held." in clean.stdout) == (0, True), clean.stdout
    assert json.loads(ivr("audit", "--json").stdout)["violations"] == []
