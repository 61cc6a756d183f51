"""The step `lookup`: what it asks, where its answers lead, and what the checker makes of it."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from ivr.cli.flows.command import flows
from ivr.domain.rules.lookup import parse_url
from ivr.flow.checker.call_space import CallSpace
from ivr.flow.checker.check import YEAR_START, check_flows
from ivr.flow.checker.explore import explore_flow
from ivr.flow.loader.lookup_hosts import refuse_unlisted_hosts
from ivr.flow.steps.lookup import Lookup
from ivr.flow.steps.queue import Enqueue
from ivr.flow.turn import Listen
from ivr.flow.yaml_source.entry import InvalidFlows
from tests.flow.caller import MAIN, Talk, files, library

URL = "https://crm.example.com/calor"
STEPS = f"""
  first: {{menu: what, options: {{1: {{words: [one], next: account}}, 2: {{next: support}}}}}}
  account: {{lookup: "{URL}", seconds: 3, answers: {{gold: vip, blocked_card: cards}}, next: support, else: slow}}
  vip: {{queue: bookings}}
  cards: {{queue: support, skills: [cards]}}
  slow: {{say: bye, next: support}}
  support: {{queue: support}}
"""


def asked() -> Talk:
    talk = Talk(library=library(STEPS)).press("1")
    assert talk.then == Listen(max_digits=1, seconds=0, speech=False, processing_seconds=3)
    return talk.nothing()


def test_it_asks_in_a_request_of_its_own_and_says_which_answers_it_knows() -> None:
    talk = asked()
    assert talk.then == Lookup(step="account", url=URL, seconds=3, answers=("gold", "blocked_card"))


@pytest.mark.parametrize(
    ("result", "step", "said"),
    [
        ("found gold", "vip", ""),
        ("found blocked_card", "cards", ""),
        ("found", "support", ""),
        ("found silver", "support", ""),
        ("failed", "support", "Goodbye."),
    ],
)
def test_its_answer_chooses_the_way_and_anything_else_goes_on(result: str, step: str, said: str) -> None:
    talk = asked().result(result)
    assert (talk.step, talk.heard) == (step, said)
    assert isinstance(talk.then, Enqueue)


def test_without_an_else_a_system_that_is_silent_leads_on() -> None:
    made = library(f'  a: {{lookup: "{URL}", next: support}}\n  support: {{queue: support}}\n')
    assert Talk(library=made).nothing().result("failed").step == "support"


def test_a_prompt_is_said_before_it_and_0_is_a_person_meanwhile() -> None:
    steps = f'  a: {{lookup: "{URL}", say: welcome, next: support}}\n  support: {{queue: support}}\n'
    talk = Talk(library=library(steps))
    assert (talk.heard, talk.step) == ("Welcome.", "a")
    assert isinstance(talk.press("0").then, Enqueue)


def test_whoever_goes_back_after_it_comes_to_the_question_before_it() -> None:
    steps = STEPS.replace("answers: {gold: vip,", "answers: {gold: more,")
    steps += "  more: {menu: what, options: {1: {next: vip}, 2: {next: support}}}\n"
    talk = Talk(library=library(steps)).press("1").nothing().result("found gold")
    assert talk.step == "more"
    assert talk.press("#").step == "first"


def test_the_checker_follows_every_answer_and_counts_the_silence() -> None:
    made = library(STEPS)
    main = made.flows["main"]
    found = explore_flow(main, made, CallSpace.from_flow(main, made, YEAR_START))
    ways = {
        edge.flow_input.value: (edge.listening_seconds, edge.outcome.entered_steps[0])
        for node in found.nodes
        if isinstance(node.state.turn.action, Lookup)
        for edge in node.edges
    }
    assert ways == {
        "found gold": (3.0, "vip"),
        "found blocked_card": (3.0, "cards"),
        "found": (3.0, "support"),
        "failed": (3.0, "slow"),
    }
    (report,) = check_flows(made)
    assert report.is_sound, report.faults


def test_an_answer_that_leads_nowhere_is_found_before_a_caller_meets_it() -> None:
    steps = STEPS.replace("slow: {say: bye, next: support}", "slow: {goodbye: bye}")
    (report,) = check_flows(library(steps))
    assert any("without a person or a promise" in fault.message for fault in report.faults)
    (report,) = check_flows(
        library(STEPS.replace("slow: {say: bye, next: support}", "slow: {goto: account}"))
    )
    assert any("goes round without the caller doing anything" in fault.message for fault in report.faults)


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ("lookup: ftp://crm.example.com/", "should be an address like https://crm.example.com/calor"),
        ('lookup: "https://ada:secret@crm.example.com/"', "should be an address like"),
        ('lookup: "https://crm.example.com/#a"', "should be an address like"),
        (f'lookup: "{URL}", seconds: 4', "should be a whole number from 1 to 3"),
        (f'lookup: "{URL}", answers: {{golden: vip}}', '"vip" is not a step of this flow'),
        (f'lookup: "{URL}", answers: {{"very good": support}}', 'the answer "very good" should be one word'),
        (f'lookup: "{URL}", answers: {{else: support}}', 'the answer "else" should be one word'),
        (f'lookup: "{URL}", otherwise: support', '"otherwise", which means nothing here'),
    ],
)
def test_what_is_written_wrongly_is_named(wrong: str, message: str) -> None:
    steps = f"  a: {{{wrong}, next: support}}\n  support: {{queue: support}}\n"
    with pytest.raises(InvalidFlows) as refused:
        library(steps)
    assert message in str(refused.value)


@pytest.mark.parametrize(
    ("hosts", "private", "message"),
    [
        ((), (), '"crm.example.com" is not a host that may be asked'),
        (("example.com", "crm.example.com.evil.example"), (), "is not a host that may be asked"),
        (("crm.example.com:8443",), (), "is not a host that may be asked"),
        (("crm.example.com",), (), ""),
        (("crm.example.com:443",), (), ""),
    ],
)
def test_a_host_that_the_settings_do_not_name_is_refused_with_its_place(
    hosts: tuple[str, ...], private: tuple[str, ...], message: str
) -> None:
    made = library(STEPS)
    if not message:
        refuse_unlisted_hosts(made, hosts, private)
        return
    with pytest.raises(InvalidFlows) as refused:
        refuse_unlisted_hosts(made, hosts, private)
    assert "main.yaml:8:21" in str(refused.value)
    assert message in str(refused.value)


def test_without_https_only_a_private_host_is_asked() -> None:
    made = library(STEPS.replace(URL, "http://crm.example.com/calor"))
    with pytest.raises(InvalidFlows, match="should begin with https"):
        refuse_unlisted_hosts(made, ("crm.example.com",), ())
    refuse_unlisted_hosts(made, ("crm.example.com",), ("crm.example.com",))


@pytest.mark.parametrize(
    ("url", "netloc"),
    [
        ("https://CRM.example.com", "crm.example.com"),
        ("https://crm.example.com:443/a?b=c", "crm.example.com"),
        ("http://[::1]:8080/", "[::1]:8080"),
        ("https://crm.example.com:99999/", None),
        ("https://crm.example.com:0/", None),
        ("https://crm.example.com\\@evil.example/", None),
        ("https://crm.example.com@evil.example/", None),
        ("https://crm.example.com/ HTTP/1.1\r\nX: y", None),
        ("https://crm.example.com/\n", None),
        ("https://crм.example.com/", None),
        ("//crm.example.com/", None),
        ("", None),
    ],
)
def test_an_address_is_read_in_one_way_or_not_at_all(url: str, netloc: str | None) -> None:
    found = parse_url(url)
    assert (found.netloc if found else None) == netloc


def written(folder: Path, steps: str) -> str:
    for name, text in files(steps, header=MAIN).items():
        path = folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, "utf-8")
    return str(folder)


def test_a_check_compares_hosts_where_there_are_settings_and_says_so_where_there_are_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = written(tmp_path, STEPS)
    monkeypatch.chdir(tmp_path)  # no .env of anybody's
    done = CliRunner().invoke(flows, ["check", folder])
    assert (done.exit_code, "1 lookup: there are no settings here" in done.output) == (0, True)
    enough = {
        "TWILIO_ACCOUNT_SID": "AC" + "0" * 32,
        "TWILIO_AUTH_TOKEN": "token",
        "PUBLIC_URL": "https://line.example.com",
        "REDIS_URL": "redis://127.0.0.1:6379/0",
    }
    for name, value in enough.items():
        monkeypatch.setenv(name, value)
    done = CliRunner().invoke(flows, ["check", folder])
    assert (done.exit_code, '"crm.example.com" is not a host that may be asked' in done.output) == (1, True)


@pytest.mark.parametrize(
    ("found", "heard"), [("gold", "queue bookings"), ("", "queue support"), ("else", "Goodbye.")]
)
def test_it_is_talked_through_on_the_terminal(tmp_path: Path, found: str, heard: str) -> None:
    done = CliRunner().invoke(
        flows,
        [
            "simulate",
            "--folder",
            written(tmp_path, STEPS),
            "--at",
            "2026-11-23T12:00",
            "--lookup-answer",
            found,
        ],
        input="1\n",
    )
    assert done.exit_code == 0, done.output
    assert f"(Lookup: step account, url {URL}, seconds 3" in done.output
    assert heard in done.output
