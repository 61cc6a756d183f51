"""The pages' server side: what they are made of, what they are told, and who may use what they use."""

import re
import time
from importlib.resources import files
from importlib.resources.abc import Traversable

import pytest

from tests.emulator.harness import DANIELLE, LINE, LORI, App, Emulator, emulating, say
from tests.emulator.pages.asking import ask
from tests.emulator.pages.streams import watching

PARTS = [
    one
    for one in files("ivr.emulator.pages").iterdir()
    if one.name.endswith((".html", ".js", ".css", ".svg"))
]


HOSTILE = "\n\nevent: hello\ndata: {}\n\n<script>alert(1)</script>"


@pytest.mark.parametrize(
    "path", ["/phones", "/switchboard", "/switchboard/CA0", "/pages/phones.js", "/emulator/legs", "/nowhere"]
)
def test_nothing_on_a_page_runs_but_the_emulators_own_scripts_and_no_page_frames_it(
    emulator: Emulator, path: str
) -> None:
    headers = ask(emulator, "GET", path).headers
    policy = dict(one.split(" ", 1) for one in headers["Content-Security-Policy"].split("; "))
    assert policy["default-src"] == "'none'"
    assert policy["script-src"] == "'self'"
    assert policy["frame-ancestors"] == "'none'"
    assert policy["require-trusted-types-for"] == "'script'"
    assert "unsafe" not in headers["Content-Security-Policy"]
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["X-Frame-Options"] == "DENY"


def test_twilios_own_api_answers_with_twilios_headers_only(emulator: Emulator) -> None:
    assert "Content-Security-Policy" not in ask(emulator, "GET", "/2010-04-01/Accounts/AC0.json").headers


def test_the_root_leads_to_the_phones(emulator: Emulator) -> None:
    told = ask(emulator, "GET", "/")
    assert (told.status, told.headers["Location"]) == (302, "/phones")


@pytest.mark.parametrize("part", PARTS, ids=lambda part: str(part.name))
def test_no_part_of_a_page_needs_another_host_or_turns_text_into_markup(part: Traversable) -> None:
    words = part.read_text()
    assert not re.search(
        r"(src|href|from|import|url\()\s*=?\s*[\"'(]?(https?:)?//",
        words.replace("https://www.twilio.com", ""),
    )
    assert not re.search(
        r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function|DOMParser", words
    )
    assert not re.search(r"<script(?![^>]*\bsrc=)|<style|\sstyle=|\son\w+=\"", words)


def test_only_the_pages_files_are_served_and_nothing_beside_or_above_them(emulator: Emulator) -> None:
    assert ask(emulator, "GET", "/pages/phones.css").headers["Content-Type"].startswith("text/css")
    for path in ("__init__.py", "__pycache__", "..%2fserver.py", "%2e%2e/server.py", "nothing.js"):
        assert ask(emulator, "GET", f"/pages/{path}").status == 404


def test_a_page_that_comes_back_is_told_what_it_missed_and_nothing_twice(
    emulator: Emulator, app: App
) -> None:
    app.pages["/answer"] = "<Say>Hello there</Say><Hangup/>"
    with watching(emulator.address) as stream:
        emulator.dial()
        seen = stream.entries(2)
    emulator.run(10)
    with watching(emulator.address, last=seen[-1].ident) as stream:
        missed = stream.entries(len(emulator.log()) - 2)
    assert [one.data["n"] for one in (*seen, *missed)] == [one["n"] for one in emulator.log()]
    assert [one.data for one in missed] == emulator.log()[2:]


def test_a_page_may_ask_for_the_last_few_entries_only(emulator: Emulator, app: App) -> None:
    app.pages["/answer"] = "<Hangup/>"
    emulator.dial()
    emulator.run(5)
    with watching(emulator.address, after=-2) as stream:
        assert [one.data for one in stream.entries(2)] == emulator.log()[-2:]


def test_a_journal_that_begins_anew_says_so_to_pages_that_are_open_and_to_those_that_come_back(
    emulator: Emulator,
) -> None:
    with watching(emulator.address) as stream:
        before = stream.until("hello").data["run"]
        last = stream.until("entry").ident
        emulator.control("POST", "/reset")
        assert stream.until("hello").data["run"] != before
    emulator.phone(LORI)
    emulator.control("POST", "/texts", {"from": LORI, "to": LINE, "body": "Hello"})
    with watching(emulator.address, last=last) as stream:
        assert stream.until("hello").data["run"] != before
        assert stream.until("entry").data["n"] == 1


def test_a_page_knows_whose_call_it_is_before_it_hears_of_it(emulator: Emulator, app: App) -> None:
    app.pages["/answer"] = "<Pause/>"
    with watching(emulator.address) as stream:
        stream.until("entry")
        sid = emulator.dial()
        events = [stream.next() for _ in range(2)]
    assert [(one.name, one.data.get("sid") or one.data.get("call")) for one in events] == [
        ("leg", sid),
        ("entry", sid),
    ]
    assert events[0].data["from"] == LORI


def test_words_are_told_when_they_begin_and_how_far_they_were_heard_when_they_end(
    emulator: Emulator, app: App
) -> None:
    app.pages["/answer"] = (
        '<Gather numDigits="1" action="/next"><Say>one two three four five six seven eight nine</Say></Gather>'
    )
    with watching(emulator.address) as stream:
        sid = emulator.dial()
        emulator.run(1)
        saying = stream.that(lambda one: one.data.get("saying") is not None).data["saying"]
        emulator.act(sid, "press", keys="1")
        emulator.run(0)
        said = stream.until("entry", kind="said").data
        assert stream.that(lambda one: one.name == "leg" and one.data["saying"] is None).data["sid"] == sid
    assert saying["words"] == "one two three four five six seven eight nine"
    assert (saying["began"], saying["ends"][:2]) == (said["began"], [0.37, 0.741])
    assert said["heard"] == "one two"


def test_a_page_is_told_who_speaks_to_whom_while_they_speak(emulator: Emulator, app: App) -> None:
    app.pages["/answer"] = f"<Dial><Number>{DANIELLE}</Number></Dial>"
    emulator.phone(DANIELLE, answers=True, script=[say("good morning to you")])
    with watching(emulator.address) as stream:
        sid = emulator.dial()
        emulator.run(3)
        begun = stream.that(lambda one: bool(one.data.get("speaking"))).data
        spoken = begun["speaking"]
        emulator.run(2)
        stream.until("leg", sid=begun["sid"], speaking=None)
    assert (spoken["words"], spoken["to"]) == ("good morning to you", [sid])


def test_a_clock_that_was_moved_is_told(emulator: Emulator) -> None:
    with watching(emulator.address) as stream:
        before = stream.until("hello").data["clock"]
        emulator.run(30)
        after = stream.until("clock", epoch=before["epoch"] + 30).data
    assert (after["mode"], after["speed"]) == ("manual", 0.0)


def test_what_people_say_cannot_forge_an_event(emulator: Emulator) -> None:
    with watching(emulator.address) as stream:
        emulator.control("POST", "/texts", {"from": LORI, "to": LINE, "body": HOSTILE})
        assert stream.until("entry", kind="texted").data["body"] == HOSTILE


def test_an_emulator_with_an_open_page_stops_at_once() -> None:
    with emulating("--clock", "manual") as url, watching(url.removeprefix("http://")) as stream:
        stream.until("hello")


def test_a_phone_in_a_page_rings_until_its_holder_answers_and_then_follows_its_script_again(
    emulator: Emulator, app: App
) -> None:
    app.pages["/answer"] = f"<Dial><Number>{DANIELLE}</Number></Dial>"
    emulator.phone(DANIELLE, answers=True, name="Danielle", script=[say("this is my script")])
    with watching(emulator.address, phones=f"{DANIELLE},{LORI}") as stream:
        stream.until("hello")
        emulator.dial()
        emulator.run(20)
        ringing = stream.until("leg", to=DANIELLE, status="ringing").data
        assert emulator.leg(ringing["sid"])["status"] == "ringing"
        assert ringing["who"] == "Danielle"
        emulator.act(ringing["sid"], "answer")
        emulator.run(5)
        assert emulator.leg(ringing["sid"])["status"] == "in-progress"
        assert emulator.log("spoke") == []
    _wait_until_put_away(emulator)
    emulator.dial()
    emulator.run(10)
    assert [one["words"] for one in emulator.log("spoke")] == ["this is my script"]


def test_a_phone_held_in_two_pages_is_held_until_both_are_closed(emulator: Emulator) -> None:
    emulator.phone(DANIELLE)
    with watching(emulator.address, phones=DANIELLE) as one:
        one.until("hello")
        with watching(emulator.address, phones=DANIELLE) as other:
            other.until("hello")
        time.sleep(1.5)  # noqa: TID251 - as long as it takes to notice that a page has gone
        assert _held(emulator) == [True]
    _wait_until_put_away(emulator)


def _held(emulator: Emulator) -> list[bool]:
    return [one["held"] for one in emulator.control("GET", "/state")["phones"]]


def _wait_until_put_away(emulator: Emulator) -> None:
    deadline = time.monotonic() + 10
    while any(_held(emulator)):
        assert time.monotonic() < deadline
        time.sleep(0.02)  # noqa: TID251 - the page is gone when its connection is
