"""A flow that is broken, or that could strand a caller, stops the line from starting, with the file, the line and the fix."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from ivr.cli.demo.stage import Stage


def started(stage: Stage, flows: Path, *argv: str) -> subprocess.CompletedProcess[str]:
    env = {**os.environ, **stage.env, "IVR_FLOWS": str(flows), "IVR_PORT": "0"}  # noqa: TID251 - for a process we start
    return subprocess.run(
        [sys.executable, "-m", "ivr.cli", *argv],
        env=env,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@pytest.fixture
def flows(tmp_path: Path) -> Path:
    return Path(shutil.copytree("flows", tmp_path / "flows"))


@pytest.mark.parametrize("argv", [("web",), ("worker", "offers"), ("scheduler",)])
def test_a_step_that_does_not_exist_is_named_with_its_place_and_the_nearest_name(
    stage: Stage, flows: Path, argv: tuple[str, ...]
) -> None:
    main = flows / "main.yaml"
    text = main.read_text()
    assert "same: support" in text
    main.write_text(text.replace("same: support", "same: suport"))
    line = next(n for n, row in enumerate(main.read_text().splitlines(), 1) if "suport" in row)
    done = started(stage, flows, *argv)
    assert done.returncode == 2, done.stderr
    assert f'main.yaml:{line}:11  "suport" is not a step of this flow. Did you mean "support"?' in done.stderr
    assert "Traceback" not in done.stderr


def test_a_flow_that_could_strand_a_caller_is_not_served(stage: Stage, flows: Path) -> None:
    (flows / "main.yaml").write_text(
        'flow: main\nlines: ["*"]\nlanguages: [en]\nperson: support\n'
        "steps:\n  one: {say: welcome, next: two}\n  two: {say: welcome, next: one}\n"
    )
    done = started(stage, flows, "web")
    assert done.returncode == 2, done.stderr
    assert "main.yaml:6" in done.stderr or "main.yaml:7" in done.stderr
