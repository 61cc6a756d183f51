"""What flows/README.md teaches is true."""

from __future__ import annotations

import re

from ivr.flow.checker.check import check_flows
from ivr.flow.loader.library import parse_flows
from ivr.flow.model import Library
from ivr.flow.steps import step_kinds
from tests.flow.caller import HOURS, MAIN, SHIPPED

README = (SHIPPED / "README.md").read_text("utf-8")
PROMPTS = (
    "welcome",
    "what_is_it_about",
    "your_number",
    "leave_a_message",
    "our_address",
    "thank_you",
    "how_was_it",
)


def example() -> str:
    blocks = [block for block in re.findall(r"```yaml\n(.*?)```", README, re.DOTALL) if "ask_what:" in block]
    return "".join(f"  {line}\n" for line in blocks[0].splitlines())


def read_example() -> Library:
    header = MAIN.replace("[en]", "[en, es]") + "  supervisor: {queue: support}\n"
    prompts = "".join(f"{name}: words\n" for name in PROMPTS)
    files = {
        "main.yaml": header + example(),
        "hours.yaml": HOURS,
        "queues.yaml": "support: {hours: support}\n",
        "prompts/en.yaml": prompts,
        "prompts/es.yaml": prompts,
    }
    return parse_flows(files)


def test_the_steps_it_shows_can_be_read_and_are_all_there_are() -> None:
    flow = read_example().flows["main"]
    assert {step.keyword for step in flow.steps.values()} == set(step_kinds())


def test_the_change_it_proposes_passes_the_check() -> None:
    changed = next(
        block for block in re.findall(r"```yaml\n(.*?)```", README, re.DOTALL) if "Tooty Air" in block
    )
    new = dict(line.split(": ", 1) for line in changed.splitlines())
    files = {
        path.relative_to(SHIPPED).as_posix(): path.read_text("utf-8")
        for path in (*SHIPPED.glob("*.yaml"), *SHIPPED.glob("prompts/*.yaml"))
    }
    lines = files["prompts/en.yaml"].splitlines()
    files["prompts/en.yaml"] = "\n".join(
        f"{key}: {new[key]}" if (key := line.partition(":")[0]) in new else line for line in lines
    )
    assert "Tooty Air" in files["prompts/en.yaml"]
    assert all(report.is_sound for report in check_flows(parse_flows(files)))
