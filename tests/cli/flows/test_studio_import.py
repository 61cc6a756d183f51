"""`ivr flows import`: a folder is made of a Studio flow, or nothing is."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from ivr.cli.flows.command import flows
from tests.flow.studio.exports import export, menu, queue, say, widget

GOOD = export(
    *menu("Main", "For bills, press 1.", _1="Bills"), queue("Bills"), widget("Trace", "run-function")
)


def bring(text: str | bytes, folder: Path, *options: str) -> Result:
    return CliRunner().invoke(flows, ["import", "-", "--to", str(folder), *options], input=text)


def test_it_makes_a_folder_tells_what_changed_and_checks_it(tmp_path: Path) -> None:
    folder = tmp_path / "new" / "line"
    result = bring(GOOD, folder)
    assert result.exit_code == 0, result.output
    assert "Main (gather-input-on-call): who said nothing ended the call" in result.stderr
    assert result.stdout.endswith("  ok\n")
    made = sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*.yaml"))
    assert made == ["hours.yaml", "main.yaml", "prompts/en.yaml", "queues.yaml"]
    assert 'Made from the Studio flow "A line"' in (folder / "main.yaml").read_text("utf-8")


def test_a_folder_that_is_there_stays_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "mine.yaml").write_text("mine", "utf-8")
    result = bring(GOOD, tmp_path)
    assert result.exit_code == 2
    assert "is there already and stays as it is" in result.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["mine.yaml"]


@pytest.mark.parametrize(
    ("data", "why"),
    [
        ("<Response/>", "not JSON"),
        (b"\xff\xfe\x00", "UTF-8"),
        (export(say("A", "a", "gone")), 'leads to "gone"'),
    ],
)
def test_what_is_no_flow_writes_nothing(tmp_path: Path, data: str | bytes, why: str) -> None:
    result = bring(data, tmp_path / "line")
    assert result.exit_code == 2
    assert why in result.stderr
    assert not list(tmp_path.iterdir())


def test_what_the_check_refuses_is_written_and_told(tmp_path: Path) -> None:
    words = "This call may be recorded. " * 30
    result = bring(export(say("Hello", words, "Desk"), queue("Desk")), tmp_path / "line")
    assert result.exit_code == 1
    assert "more than 40" in result.stdout
    assert (tmp_path / "line" / "main.yaml").is_file()


def test_machines_get_json_and_the_flow_its_name(tmp_path: Path) -> None:
    result = bring(GOOD, tmp_path / "line", "--json", "--name", "Billing line")
    found = json.loads(result.stdout)
    assert found["flow"] == "billing_line"
    assert found["files"] == ["hours.yaml", "main.yaml", "prompts/en.yaml", "queues.yaml"]
    assert {"widget", "type", "message"} == set(found["notes"][0])
    assert found["faults"] == []


def test_a_widget_cannot_write_lines_of_its_own(tmp_path: Path) -> None:
    name = "a\n  evil: {goodbye: x}\x1b[31m"
    result = bring(
        export(widget(name, "set-variables", next="Say"), say("Say", 'one"\ntwo: # "', "")), tmp_path / "line"
    )
    assert result.exit_code == 0, result.output
    assert "\x1b" not in result.output
    assert "evil: {" not in (tmp_path / "line" / "main.yaml").read_text("utf-8").replace("# ", "")
