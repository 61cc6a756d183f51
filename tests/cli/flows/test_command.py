from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from ivr.cli.flows.command import flows
from tests.flow.caller import SHIPPED, files


def run(*arguments: str, typed: str = "") -> tuple[int, str]:
    result = CliRunner().invoke(flows, list(arguments), input=typed)
    return result.exit_code, result.output


@pytest.fixture
def bad(tmp_path: Path) -> Path:
    for name, text in files("  a: {say: welcome, next: suport}\n  support: {queue: support}\n").items():
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, "utf-8")
    return tmp_path


def test_a_good_folder_prints_its_longest_way_and_exits_with_0() -> None:
    code, output = run("check", str(SHIPPED))
    assert code == 0
    assert "longest way to a person or a promise: 3 keys" in output
    assert output.endswith("  ok\n")


def test_a_bad_folder_is_refused_with_1(bad: Path) -> None:
    code, output = run("check", str(bad))
    assert code == 1
    assert f'{bad}/main.yaml:6:27  "suport" is not a step of this flow. Did you mean "support"?' in output
    assert output.endswith("refused: 1 fault\n")


def test_machines_get_json(bad: Path) -> None:
    code, output = run("check", "--json", str(bad))
    (fault,) = json.loads(output)["faults"]
    assert (code, fault["line"], fault["column"]) == (1, 6, 27)
    code, output = run("check", "--json", str(SHIPPED))
    assert json.loads(output)["flows"][0]["most_keys"]["keys"] == 3


def talk(*arguments: str, typed: str = "") -> str:
    code, output = run("simulate", "--folder", str(SHIPPED), *arguments, typed=typed)
    assert code == 0, output
    return output


def test_a_caller_on_the_terminal_is_promised_a_call_at_night() -> None:
    output = talk("main", "--at", "2026-11-23T22:00", typed="\n1\nmy bags are lost\n")
    assert "We open tomorrow at eight in the morning" in output
    assert "MakePromise: queue support" in output
    assert "RecordReason: text my bags are lost" in output
    assert output.endswith("(the call ends)\n")


def test_silence_with_an_agent_free_joins_the_line() -> None:
    assert talk("--at", "2026-11-23T12:00", "--free-agents", "1", typed="\n").endswith(
        "(Enqueue: queue support)\n"
    )


def test_the_end_of_the_input_is_hanging_up() -> None:
    assert talk("--at", "2026-11-23T12:00").endswith("(you hang up)\n")


def test_a_full_line_and_a_hidden_number_are_talked_through() -> None:
    output = talk(
        "--at", "2026-11-23T12:00", "--queue-full", "--caller", "hidden", typed="0\n1\n2125550199\n1\n\n"
    )
    assert "More people are waiting" in output
    assert "MakePromise: queue support, kind callback, number +12125550199" in output


def test_what_is_owed_is_moved_on_the_terminal() -> None:
    output = talk("--at", "2026-11-23T12:00", "--caller", "owed", typed="3\n1\n")
    assert "Good, it is moved" in output


def test_wrong_names_and_times_are_told() -> None:
    code, output = run("simulate", "nope", "--folder", str(SHIPPED))
    assert code == 1
    assert 'there is no flow "nope"; there is: main' in output
    code, output = run("simulate", "--folder", str(SHIPPED), "--at", "soon")
    assert code == 1
    assert '"soon" is not a time like' in output
