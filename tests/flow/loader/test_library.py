from __future__ import annotations

from pathlib import Path

import pytest

from ivr.flow.loader.library import load_flows, parse_flows
from ivr.flow.queues import QueueSettings
from ivr.flow.yaml_source.entry import InvalidFlows
from tests.flow.caller import MAIN, files, library, shipped

GOOD = "  q: {queue: support}\n"


def faults(steps: str = GOOD, header: str = MAIN, **others: str) -> list[str]:
    try:
        parse_flows(files(steps, header=header, **others))
    except InvalidFlows as error:
        return [str(fault) for fault in error.faults]
    return []


def test_the_small_flow_of_these_tests_has_no_faults() -> None:
    assert faults() == []


@pytest.mark.parametrize(
    ("steps", "fault"),
    [
        ("  a: {say: welcome, next: suport}\n  support: {queue: support}\n", 'flows/main.yaml:6:27  "suport" is not a step of this flow. Did you mean "support"?'),
        ("  a: {queue: suport}\n", 'flows/main.yaml:6:14  "suport" is not a queue. Did you mean "support"?'),
        ("  a: {sya: welcome, next: a}\n", 'flows/main.yaml:6:3  step "a" does not say what it does'),
        ("  a: {sya: welcome, next: a}\n", 'Did you mean "say"?'),
        ("  a: {queue: support, skils: [x]}\n", 'flows/main.yaml:6:23  step "a" has "skils", which means nothing here; expected one of: queue, say, skills. Did you mean "skills"?'),
        ("  a: {say: wellcome, next: q}\n  q: {queue: support}\n", 'the prompt "wellcome" is missing in flows/prompts/en.yaml. Did you mean "welcome"?'),
        ("  a: {menu: what, options: {0: {next: q}}}\n  q: {queue: support}\n", 'the option "0" should be one key from 1 to 9'),
        ("  a: {menu: what, options: {1: {language: fr, next: q}}}\n  q: {queue: support}\n", '"fr" is not a language of this flow. Expected one of: en.'),
        ("  a: {branch: [{when: {open: support}, next: q}]}\n  q: {queue: support}\n", 'needs a last line "- else: step"'),
        ("  a: {branch: [{when: {open: suport}, next: q}, {else: q}]}\n  q: {queue: support}\n", '"suport" is not a name of opening hours. Did you mean "support"?'),
        ("  a: {branch: [{when: {caller: knwon}, next: q}, {else: q}]}\n  q: {queue: support}\n", 'should be one of: known, unknown; not "knwon". Did you mean "known"?'),
        ("  a: {branch: [{when: {opne: support}, next: q}, {else: q}]}\n  q: {queue: support}\n", 'has "opne", which means nothing here'),
        ("  a: {promise: tomorrow}\n", '"promise" should be one of: choose_time, next_opening, soonest; not "tomorrow"'),
        ("  a: {ask: digits, next: q}\n  q: {queue: support}\n", 'needs "prompt", "digits" (how many) and "label"'),
        ("  a: {say: welcome}\n", 'step "a" needs "next"'),
        ("  A-b: {queue: support}\n", '"A-b" should be a name of small letters'),
        ("  a: {say: welcome, goto: a}\n", "should do one thing, not 2: goto, say"),
        ("  a: {queue: [support]}\n", '"queue" should be a word or a text'),
        ("  a: support\n", '"a" should be a group of "name: value"'),
        ("  a: {queue: support\n", "not readable as YAML"),
        ("  a: {queue: support}\n  a: {queue: support}\n", 'flows/main.yaml:7:3  "a" stands here a second time; the first is in line 6'),
    ],
)  # fmt: skip
def test_a_fault_in_a_flow_names_its_place_and_what_was_expected(steps: str, fault: str) -> None:
    found = faults(steps)
    assert any(fault in one for one in found), found


@pytest.mark.parametrize(
    ("header", "fault"),
    [
        (
            MAIN.replace("person: support", "person: suport"),
            '"suport" is not a queue. Did you mean "support"?',
        ),
        (MAIN.replace("person: support\n", ""), 'flows/main.yaml needs "person"'),
        (MAIN.replace('["*"]', '["12"]'), '"12" should be a number like "+12025550100"'),
        (
            MAIN.replace("languages: [en]", "languages: [en, de]"),
            '"de" does not say everything yet; missing: ',
        ),
        (MAIN.replace("lines:", "line:"), 'has "line", which means nothing here'),
        (
            MAIN.replace("person:", "max_keys: many\nperson:"),
            '"max_keys" should be a whole number from 1 to 9',
        ),
    ],
)
def test_a_fault_in_the_header_is_named(header: str, fault: str) -> None:
    found = faults(header=header)
    assert any(fault in one for one in found), found


@pytest.mark.parametrize(
    ("hours", "fault"),
    [
        ("support: {zone: America/New_Yrok, weekdays: '8:00-9:00'}\n", 'Did you mean "America/New_York"?'),
        ("support: {zone: UTC, weekdays: '8-9'}\n", '"weekdays" should be closed or times like'),
        ("support: {zone: UTC, weekdays: '25:00-26:00'}\n", '"weekdays" should be closed or times like'),
        ("support: {zone: UTC}\n", "is never open"),
        ("support: {zone: UTC, weekdays: '8:00-9:00', holidays: {country: XX}}\n", '"XX" is not a country'),
        ("support: {zone: UTC, weekdays: '8:00-9:00', holidays: {country: US, subdivision: QQ}}\n", '"QQ" is not a part of US'),
        ("support: {zone: UTC, weekdays: '8:00-9:00', closed: [christmas]}\n", '"christmas" should be a day like'),
    ],
)  # fmt: skip
def test_a_fault_in_the_hours_is_named(hours: str, fault: str) -> None:
    found = faults(hours_yaml=hours)
    assert any(fault in one and "flows/hours.yaml:1" in one for one in found), found


@pytest.mark.parametrize(
    ("prompts", "fault"),
    [
        ('welcome: "Hello {caller.nam}"\n', 'has the field {caller.nam}; it may have: caller.name, company, estimate, opening. Did you mean "caller.name"?'),
        ('welcome: "Hello [{caller.name}"\n', '"[" is never closed'),
        ('welcome: "Hello {Caller}"\n', "fields are written like {caller.name}"),
        ('promise: {closed: "Back {when}"}\n', 'prompt "promise.closed" has the field {when}; it may have: company, opening.'),
    ],
)  # fmt: skip
def test_a_fault_in_a_prompt_is_named(prompts: str, fault: str) -> None:
    found = faults(prompts_en_yaml=prompts)
    assert any(fault in one and "flows/prompts/en.yaml:1" in one for one in found), found


def test_all_faults_are_told_at_once() -> None:
    found = faults(
        "  a: {say: nope, next: nowhere}\n  b: {queue: none}\n", hours_yaml="support: {zone: UTC}\n"
    )
    assert len(found) == 4


def test_two_flows_cannot_answer_the_same_number() -> None:
    second = MAIN.replace("flow: main", "flow: second").lstrip() + GOOD
    assert any("is answered by the flow" in fault for fault in faults(second_yaml=second))


def test_a_flow_that_claims_a_number_goes_before_the_one_for_all_others() -> None:
    vip = MAIN.replace("flow: main", "flow: vip").replace('"*"', '"+12025550100"').lstrip() + GOOD
    made = library(GOOD, vip_yaml=vip)
    assert made.get_flow_for_number("+12025550100").name == "vip"
    assert made.get_flow_for_number("+12025550199").name == "main"


def test_the_version_is_that_of_the_contents() -> None:
    assert library(GOOD).version == library(GOOD).version
    assert library(GOOD).version != library(GOOD + "# again\n").version


def test_a_folder_without_a_flow_is_a_fault(tmp_path: Path) -> None:
    with pytest.raises(InvalidFlows, match="no flow here"):
        load_flows(tmp_path)


def test_queues_have_what_the_waiting_needs() -> None:
    bookings = shipped().get_queue("bookings")
    assert (bookings.skills, bookings.overflow, bookings.hours) == (("bookings",), "support", "support")
    assert bookings.spoken_name("es") == "reservas"
    assert shipped().get_queue("support").attempts == (5, 30, 120, 1440)


def test_a_queue_nobody_described_has_sensible_defaults() -> None:
    assert shipped().get_queue("new") == QueueSettings(name="new")
    assert QueueSettings(name="lost_bags").spoken_name("en") == "lost bags"


def test_a_hold_longer_than_a_minute_is_refused() -> None:
    assert any(
        '"hold_max" should be a whole number from 10 to 60' in f
        for f in faults(queues_yaml="support: {hold_max: 90}\n")
    )
