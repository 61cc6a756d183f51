"""Policies: known by a word of the caller's reason, told to whoever takes the call; what is no policy is refused with its place."""

from __future__ import annotations

import pytest

from ivr.flow.loader.library import parse_flows
from ivr.flow.policies import MAX_CHARACTERS, find_policy, parse_policy
from ivr.flow.yaml_source.entry import FlowFault, InvalidFlows

BAGGAGE = (
    "# Lost baggage\n\nWords: suitcase, maleta, équipage\n\n**What we do.** We look\n- in Denver\n- in Albany"
)
FLOW = 'flow: main\nlines: ["*"]\nlanguages: [en]\nperson: support\nsteps:\n  support: {queue: support}\n'


def test_it_is_found_by_its_words_whatever_their_case_and_accents() -> None:
    baggage = parse_policy(BAGGAGE, "b.md", [])
    bill = parse_policy("# Bills\nWords: bill, suitcase, charged\nTake it off.", "c.md", [])
    assert baggage is not None
    assert bill is not None
    both = (baggage, bill)
    assert find_policy(both, "My SUITCASE did not arrive") is baggage
    assert find_policy(both, "mi equipage") is baggage
    assert find_policy(both, "charged twice for a suitcase") is bill
    assert find_policy(both, "a window seat") is None
    assert baggage.spoken_text == "Lost baggage: What we do. We look in Denver in Albany"


@pytest.mark.parametrize(
    ("text", "line", "told"),
    [
        ("Words: bag\nWe look.", 1, "begins with its name"),
        ("# Bags\nWe look.", 2, "by which words it is known"),
        ("# Bags\nWords:\nWe look.", 2, "by which words it is known"),
        ("# Bags\nWords: bag\n", 3, "says nothing"),
        (f"# Bags\nWords: bag\n{'x' * (MAX_CHARACTERS + 1)}", 3, "too much to read"),
        ("", 1, "begins with its name"),
    ],
)
def test_what_is_no_policy_is_refused_with_its_place(text: str, line: int, told: str) -> None:
    faults: list[FlowFault] = []
    assert parse_policy(text, "flows/policies/bags.md", faults) is None
    assert any(f.location.line == line and told in f.message for f in faults), faults


def test_a_line_with_a_wrong_policy_is_not_loaded() -> None:
    files = {"main.yaml": FLOW, "queues.yaml": "support: {}\n", "policies/bags.md": "We look."}
    with pytest.raises(InvalidFlows, match=r"flows/policies/bags\.md"):
        parse_flows(files)
    files["policies/bags.md"] = BAGGAGE
    assert [p.title for p in parse_flows(files).policies] == ["Lost baggage"]
