"""Every kind of bad flow once: the place that is named, and what is said."""

from __future__ import annotations

import pytest

from ivr.flow.checker.check import check_flows
from ivr.flow.loader.library import parse_flows
from ivr.flow.steps import step_kinds
from ivr.flow.yaml_source.entry import InvalidFlows
from tests.flow.caller import MAIN, files

Q = "  q: {queue: support}\n"
SECOND = MAIN.lstrip().replace("flow: main", "flow: second") + Q


def faults(steps: str, header: str = MAIN, **others: str) -> list[str]:
    try:
        library = parse_flows(files(steps, header=header, **others))
    except InvalidFlows as error:
        return [str(fault) for fault in error.faults]
    return [str(fault) for report in check_flows(library) for fault in report.faults]


CASES: dict[str, tuple[str, list[str]]] = {
    "an unknown step": ("  a: {say: welcome, next: suport}\n  support: {queue: support}\n", ['flows/main.yaml:6:27  "suport" is not a step of this flow. Did you mean "support"?']),
    "an unknown key": ("  a: {queue: support, skils: [x]}\n", ['flows/main.yaml:6:23  step "a" has "skils", which means nothing here; expected one of: queue, say, skills. Did you mean "skills"?']),
    "a step that says nothing": ("  a: {sya: welcome, next: q}\n" + Q, ['flows/main.yaml:6:3  step "a" does not say what it does; expected one of: ' + ", ".join(sorted(step_kinds())) + '. Did you mean "say"?']),
    "two kinds in one": ("  a: {say: welcome, goto: q}\n" + Q, ['flows/main.yaml:6:3  step "a" should do one thing, not 2: goto, say']),
    "a list for a word": ("  a: {queue: [support]}\n", ['flows/main.yaml:6:14  step "a": "queue" should be a word or a text']),
    "a word for a number": ("  a: {menu: what, seconds: soon, options: {1: {next: q}}}\n" + Q, ['flows/main.yaml:6:28  step "a": "seconds" should be a whole number from 1 to 20']),
    "a number out of bounds": ("  a: {menu: what, seconds: 21, options: {1: {next: q}}}\n" + Q, ['flows/main.yaml:6:28  step "a": "seconds" should be a whole number from 1 to 20']),
    "a missing field": ("  a: {say: welcome}\n" + Q, ['flows/main.yaml:6:3  step "a" needs "next"']),
    "a name twice": ("  a: {queue: support}\n  a: {queue: support}\n", ['flows/main.yaml:7:3  "a" stands here a second time; the first is in line 6']),
    "a tab": ("  a:\n\t  queue: support\n", ["flows/main.yaml:7:1  not readable as YAML: a tab stands here; lines are indented with spaces"]),
    "bad indentation": ("  a: {queue: support}\n   b: {queue: support}\n", ["flows/main.yaml:7:4  not readable as YAML: this line should be indented like those that it belongs to"]),
    "an open quote": ('  a: {queue: "support}\n', ["flows/main.yaml:6:14  not readable as YAML: the quote that opens here is never closed"]),
    "an open bracket": ("  a: {queue: support\n", ['flows/main.yaml:6:6  not readable as YAML: the "{" that opens here is not closed, or a comma is missing']),
    "an unknown prompt": ("  a: {say: wellcome, next: q}\n" + Q, ['flows/main.yaml:6:12  the prompt "wellcome" is missing in flows/prompts/en.yaml. Did you mean "welcome"?']),
    "an unknown queue": ("  a: {queue: suport}\n", ['flows/main.yaml:6:14  "suport" is not a queue. Did you mean "support"?']),
    "unknown hours": ("  a: {branch: [{when: {open: suport}, next: q}, {else: q}]}\n" + Q, ['flows/main.yaml:6:30  "suport" is not a name of opening hours. Did you mean "support"?']),
    "an unknown language": ("  a: {menu: what, options: {1: {language: fr, next: q}}}\n" + Q, ['flows/main.yaml:6:43  "fr" is not a language of this flow. Expected one of: en.']),
    "0 as an option": ("  a: {menu: what, options: {0: {next: q}}}\n" + Q, ['flows/main.yaml:6:29  the option "0" should be one key from 1 to 9: 0, * and # mean a person, again and back everywhere']),
    "six options": ("  a: {menu: what, options: {" + ", ".join(f"{n}: {{next: q}}" for n in range(1, 7)) + "}}\n" + Q, ['flows/main.yaml:6:3  the menu "a" has 6 options; nobody remembers more than 5']),
    "an unknown choice": ("  a: {branch: [{when: {caller: knwon}, next: q}, {else: q}]}\n" + Q, ['flows/main.yaml:6:32  "caller" should be one of: known, unknown; not "knwon". Did you mean "known"?']),
    "nothing else": ("  a: {branch: [{when: {caller: known}, next: q}]}\n" + Q, ['flows/main.yaml:6:3  step "a" needs a last line "- else: step": somebody may call when nothing else holds']),
    "more after the else": ("  a: {branch: [{else: q}, {when: {caller: known}, next: q}]}\n" + Q, ["flows/main.yaml:6:27  nothing can follow the else: it always holds"]),
    "an empty condition": ("  a: {branch: [{when: {}, next: q}, {else: q}]}\n" + Q, ['flows/main.yaml:6:17  step "a", line 1 of its branch, "when" asks for nothing; expected one of: agents_free, caller, calls_today, closed, estimate, language, open, owed']),
    "a dead end": ("  a: {goodbye: bye}\n", ['flows/main.yaml:6:3  from "a", the call ends without a person or a promise:\n    call in at Wednesday 19:00']),
    "a loop without the caller": ("  a: {say: welcome, next: b}\n  b: {goto: a}\n", ['flows/main.yaml:6:3  the step "a" goes round without the caller doing anything: a > b > a']),
    "a loop by key": ("  a: {menu: what, options: {1: {next: a}}}\n", ['flows/main.yaml:6:3  from "a", pressing 1 leads back to "a" and never to a person or a promise:\n    call in at Wednesday 19:00, press 1']),
    "a step nothing leads to": (Q + "  lonely: {queue: support}\n", ['flows/main.yaml:7:3  nothing leads to the step "lonely"']),
    "too many keys": ("".join(f"  m{n}: {{menu: what, options: {{1: {{next: m{n + 1}}}}}}}\n" for n in range(4)) + "  m4: {queue: support}\n", ["flows/main.yaml:1  it takes 4 keys to reach a person or a promise, more than 3: m0 (1) > m1 (1) > m2 (1) > m3 (1) > m4\n    call in at Friday 20:00, press 1, press 1, press 1, press 1"]),
    "too many steps in a row": ("".join(f"  s{n}: {{goto: s{n + 1}}}\n" for n in range(45)) + "  s45: {queue: support}\n", ['flows/main.yaml:6:3  after "s0" more than 40 steps follow at which the caller does nothing; they would be put through to a person']),
}  # fmt: skip


@pytest.mark.parametrize(("steps", "told"), CASES.values(), ids=list(CASES))
def test_in_the_steps(steps: str, told: list[str]) -> None:
    assert faults(steps) == told


FILES: dict[str, tuple[str, str, list[str]]] = {
    "a prompt that sends people away": ("prompts_en_yaml", 'welcome: "All are busy. Please call back later."\nwhat: "a"\nbye: "b"\n', ['flows/prompts/en.yaml:1:10  the prompt "welcome" tells people to call again ("Please call back"); promise to call them instead']),
    "hours that are never open": ("hours_yaml", "support: {zone: UTC}\n", ['flows/hours.yaml:1:1  hours "support" is never open; expected days like weekdays: "8:00-20:00"']),
    "an unknown zone": ("hours_yaml", 'support: {zone: America/New_Yrok, weekdays: "8:00-9:00"}\n', ['flows/hours.yaml:1:17  "America/New_Yrok" is not a time zone; expected one like America/New_York. Did you mean "America/New_York"?']),
    "times that are none": ("hours_yaml", 'support: {zone: UTC, weekdays: "8-9"}\n', ['flows/hours.yaml:1:1  hours "support" is never open; expected days like weekdays: "8:00-20:00"', 'flows/hours.yaml:1:32  hours "support": "weekdays" should be closed or times like "8:00-12:00, 13:00-20:00"']),
    "a field that no prompt has": ("prompts_en_yaml", 'welcome: "Hello {caller.nam}"\n', ['flows/prompts/en.yaml:1:10  prompt "welcome" has the field {caller.nam}; it may have: caller.name, company, estimate, opening. Did you mean "caller.name"?']),
    "two flows for a line": ("second_yaml", SECOND, ['flows/second.yaml:1  every other number is answered by the flow "main" already']),
    "a queue's hours that do not exist": ("queues_yaml", "support: {hours: suport}\n", ['flows/queues.yaml:1:18  "suport" is not a name of opening hours. Did you mean "support"?']),
    "help that would never come": ("queues_yaml", "support: {overflow: other, widen: 0}\nother: {}\n", ['flows/queues.yaml:1:21  queue "support": "other" would never help out, as "widen" is 0; leave out one of them']),
    "a hold of more than a minute": ("queues_yaml", "support: {hold_max: 90}\n", ['flows/queues.yaml:1:21  queue "support": "hold_max" should be a whole number from 10 to 60']),
    "a file that is a list": ("queues_yaml", "- support\n", ['flows/queues.yaml  the file should hold "name: value" lines']),
}  # fmt: skip


@pytest.mark.parametrize(("file", "text", "told"), FILES.values(), ids=list(FILES))
def test_in_the_other_files(file: str, text: str, told: list[str]) -> None:
    assert faults(Q, **{file: text}) == told
