from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from ivr.flow.checker.call_space import CallSpace
from ivr.flow.checker.check import YEAR_START, check_flows, find_call_again_request
from ivr.flow.checker.explore import explore_flow
from ivr.flow.checker.speaking_time import speaking_seconds
from ivr.flow.engine import start_flow
from ivr.flow.loader.library import parse_flows
from ivr.flow.phrases.built_in import list_built_in_languages, parse_phrasebook
from ivr.flow.turn import CallerContext
from tests.flow.caller import MAIN, NEW_YORK, NUMBER, PROMPTS, files, library
from tests.flow.caller import shipped as shipped_library

ROUNDING = 0.01  # seconds
ALWAYS = "support: {zone: UTC, everyday: '0:00-24:00'}\n"


def faults(steps: str, header: str = MAIN, **others: str) -> list[str]:
    return [
        str(fault)
        for report in check_flows(parse_flows(files(steps, header=header, **others)))
        for fault in report.faults
    ]


def test_the_shipped_flow_has_a_person_or_a_promise_within_three_keys_and_forty_seconds() -> None:
    (report,) = check_flows(shipped_library())
    assert report.is_sound, [str(fault) for fault in report.faults]
    assert report.longest_path is not None
    assert report.most_keys is not None
    assert report.longest_path.seconds <= 40
    assert report.most_keys.keys <= 3


def test_the_way_is_told_to_its_end() -> None:
    made = library("  why: {ask: reason, next: q}\n  q: {queue: support}\n", hours_yaml=ALWAYS)
    (report,) = check_flows(made)
    assert report.most_keys is not None
    assert report.most_keys.path == "why (speaks) > q"


def test_the_dialogue_of_a_promise_is_walked_through_to_its_ends() -> None:
    made = library("  p: {promise: soonest}\n")
    main = made.flows["main"]
    found = explore_flow(main, made, CallSpace.from_flow(main, made, YEAR_START))
    stages = {node.state.turn.position.stage for node in found.nodes}
    assert {
        "offer",
        "windows",
        "number",
        "confirm",
        "finding",
        "making",
        "reason",
        "keeping",
        "recorded",
    } <= stages


def test_the_proof_names_the_longest_way() -> None:
    made = library(
        "  m: {menu: what, options: {1: {next: why}}}\n  why: {ask: reason, next: q}\n  q: {queue: support}\n"
    )
    (report,) = check_flows(made)
    assert report.is_sound
    assert report.most_keys is not None
    assert (report.most_keys.keys, report.most_keys.path) == (2, "m (1) > why (speaks) > q")


@pytest.mark.parametrize(
    ("support", "bookings"),
    [
        # Nothing opens or closes on a Sunday, when "on Monday" has become the longer "tonight".
        ("weekdays: '0:00-24:00'", "everyday: '0:00-24:00'"),
        # It takes longest to say when one of them opens at another hour than it does for both.
        ("monday: '9:20-17:00'", "saturday: '9:40-12:00'"),
    ],
)
def test_the_longest_way_takes_the_hour_at_which_it_takes_longest_to_say_when_we_open(
    support: str, bookings: str
) -> None:
    hours = (
        f"support: {{zone: America/New_York, {support}}}\nbookings: {{zone: America/New_York, {bookings}}}\n"
    )
    made = library(
        "  hours: {branch: [{when: {closed: support}, next: p}, {when: {open: bookings}, next: q}, {else: q}]}\n"
        "  p: {promise: next_opening}\n  q: {queue: support}\n",
        header=MAIN.replace("[en]", "[es]"),
        hours_yaml=hours,
        prompts_es_yaml=PROMPTS,
    )
    (report,) = check_flows(made)
    assert report.longest_path is not None
    first = datetime(2026, 1, 1, tzinfo=NEW_YORK)
    for hour in range(0, 14 * 24, 3):
        now = CallerContext(now=first + timedelta(hours=hour), number=NUMBER)
        said = start_flow(report.flow, made, now, "es").prompts
        assert speaking_seconds(said) <= report.longest_path.seconds + ROUNDING, (now.now, said)


def test_two_menus_that_lead_to_each_other_are_a_trap_with_a_call_that_shows_it() -> None:
    found = faults(
        "  m: {menu: what, options: {1: {next: q}, 2: {next: n}}}\n"
        "  n: {menu: what, options: {1: {next: q}, 2: {next: m}}}\n"
        "  q: {queue: support}\n"
    )
    assert len(found) == 1
    assert found[0].startswith(
        'flows/main.yaml:6:3  from "m", pressing 2 twice leads back to "m" and never to a person'
    )
    assert ":00, press 2, press 2" in found[0]


def test_a_trap_that_is_only_open_at_night_is_found() -> None:
    found = faults(
        "  b: {branch: [{when: {open: support}, next: q}, {else: m}]}\n"
        "  m: {menu: what, options: {1: {next: m}}}\n"
        "  q: {queue: support}\n"
    )
    assert any(
        'from "m", pressing 1 leads back to "m"' in fault and "Monday 08:00" not in fault for fault in found
    )


def test_hanging_up_on_a_caller_is_a_fault_and_after_a_promise_it_is_not() -> None:
    (fault,) = faults("  a: {say: welcome, next: b}\n  b: {goodbye: bye}\n")
    assert 'from "b", the call ends without a person or a promise' in fault
    (fault,) = faults("  m: {menu: what, options: {1: {next: b}}}\n  b: {goodbye: bye}\n")
    assert "pressing 1 ends the call without a person or a promise" in fault
    assert faults("  p: {promise: soonest, next: b}\n  b: {goodbye: bye}\n") == []


def test_a_circle_without_the_caller_is_a_fault() -> None:
    found = faults("  a: {say: welcome, next: b}\n  b: {goto: a}\n")
    assert any("goes round without the caller doing anything: a > b > a" in fault for fault in found)


def test_a_menu_that_silence_leads_back_to_itself_is_a_circle() -> None:
    found = faults("  m: {menu: what, silence: m, options: {1: {next: q}}}\n  q: {queue: support}\n")
    assert any("goes round without the caller doing anything: m > m" in fault for fault in found)
    assert any("saying nothing leads back" in fault for fault in found)


def test_a_prompt_that_names_a_key_the_menu_does_not_have_is_a_fault() -> None:
    found = faults(
        "  m: {menu: welcome, options: {1: {next: q}}}\n  q: {queue: support}\n",
        prompts_en_yaml='welcome: "Press 1 for bookings, press 2 for bags, press 0 for a person."\n',
    )
    assert [one.partition("  ")[2] for one in found] == [
        'the prompt "welcome" (en) says to press 2, which the menu "m" does not have'
    ]


def test_a_step_nothing_leads_to_is_a_fault() -> None:
    assert any(
        'nothing leads to the step "lonely"' in f
        for f in faults("  q: {queue: support}\n  lonely: {queue: support}\n")
    )


def test_six_options_are_too_many() -> None:
    options = ", ".join(f"{n}: {{next: q}}" for n in range(1, 7))
    found = faults(f"  m: {{menu: what, options: {{{options}}}}}\n  q: {{queue: support}}\n")
    assert any("has 6 options; nobody remembers more than 5" in fault for fault in found)


def test_too_many_keys_are_a_fault_with_the_way() -> None:
    steps = (
        "".join(f"  m{n}: {{menu: what, options: {{1: {{next: m{n + 1}}}}}}}\n" for n in range(4))
        + "  m4: {queue: support}\n"
    )
    (fault,) = faults(steps)
    assert (
        "it takes 4 keys to reach a person or a promise, more than 3: m0 (1) > m1 (1) > m2 (1) > m3 (1) > m4"
        in fault
    )
    assert faults(steps, header=MAIN.replace("person:", "max_keys: 4\nperson:")) == []


def test_too_much_talk_is_a_fault() -> None:
    prompts = f'what: "{"word " * 60}"\nwelcome: "a"\nbye: "b"\n'
    found = faults(
        "  m: {menu: what, options: {1: {next: q}}}\n  q: {queue: support}\n", prompts_en_yaml=prompts
    )
    assert any("s to reach a person or a promise, more than 40" in fault for fault in found)


def test_choosing_a_language_and_back_is_the_callers_wish_and_no_circle() -> None:
    header = MAIN.replace("[en]", "[en, es]")
    steps = "  m: {menu: what, options: {1: {next: q}, 8: {language: en}, 9: {language: es}}}\n  q: {queue: support}\n"
    assert faults(steps, header=header, prompts_es_yaml='what: "¿Uno?"\n') == []


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "Please call back later."),
        ("en", "All agents are busy. Call us again tomorrow."),
        ("en", "Please try again later."),
        ("en", "Please call during our opening hours."),
        ("es", "Por favor, vuelva a llamar mañana."),
        ("es", "Llámenos más tarde."),
        ("es", "Intente de nuevo en otro momento."),
        ("fr", "Merci de rappeler plus tard."),
        ("fr", "Veuillez nous rappeler demain."),
        ("fr", "Rappelez-nous pendant les heures d'ouverture."),
        ("fr", "Essayez de nouveau plus tard."),
    ],
)
def test_telling_people_to_call_again_is_found(language: str, text: str) -> None:
    assert find_call_again_request(text, parse_phrasebook(language, None)[0])
    prompts = {f"prompts_{language}_yaml": f'welcome: "{text}"\nwhat: "a"\nbye: "b"\n'}
    assert any(
        "tells people to call again" in fault for fault in faults("  q: {queue: support}\n", **prompts)
    )


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "We will call you back later."),
        ("en", "We will call back tomorrow."),
        ("en", "Press 1 and we call you again."),
        ("en", "I will try again at ten."),
        ("es", "Le llamaremos más tarde."),
        ("fr", "Nous allons vous rappeler demain."),
        ("fr", "Nous vous rappellerons plus tard."),
        ("fr", "Appuyez sur le 1 et dites : rappelez-moi."),
    ],
)
def test_what_we_do_ourselves_may_be_said(language: str, text: str) -> None:
    assert not find_call_again_request(text, parse_phrasebook(language, None)[0])


def test_none_of_the_lines_own_words_tells_people_to_call_again() -> None:
    for language in list_built_in_languages():
        book, _ = parse_phrasebook(language, None)
        assert book.get_word_list("checks.call_again")
        assert book.get_word_list("checks.press")
        told = {key: find_call_again_request(t.source, book) for key, t in book.templates.items()}
        assert {key: found for key, found in told.items() if found} == {}


def test_a_flow_of_thirty_steps_is_proved_in_a_thousand_turns() -> None:
    steps = ["  start: {recall: last_contact, same: q, other: m0, nothing: m0}\n", "  q: {queue: support}\n"]
    for n in range(9):
        after = f"m{n + 1}" if n % 3 != 2 else "q"
        steps.append(f"  m{n}: {{branch: [{{when: {{open: support}}, next: a{n}}}, {{else: b{n}}}]}}\n")
        steps.append(f"  a{n}: {{say: welcome, next: c{n}}}\n")
        steps.append(f"  b{n}: {{promise: next_opening}}\n")
        steps.append(f"  c{n}: {{menu: what, options: {{1: {{next: {after}}}, 2: {{next: q}}}}}}\n")
    made = library("".join(steps))
    (report,) = check_flows(made, datetime(2026, 1, 1, tzinfo=UTC), max_nodes=1000)
    assert not any("too large" in fault.message for fault in report.faults)
