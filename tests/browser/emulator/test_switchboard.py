"""The switchboard: what goes on, what goes wrong, and what happened."""

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser import access
from tests.browser.conftest import Visit
from tests.emulator.harness import DANIELLE, LINE, LORI, VICKI, App, Emulator

ROOM = '<Dial><Conference participantLabel="caller" waitUrl="">room 7</Conference></Dial>'


@pytest.fixture
def board(emulator: Emulator, visit: Visit) -> Page:
    return visit(f"{emulator.url}/switchboard")


def part(page: Page, name: str) -> Locator:
    return page.get_by_role("region", name=name, exact=True)


def test_calls_rooms_and_queues_are_seen_as_they_change(emulator: Emulator, app: App, board: Page) -> None:
    app.pages["/answer"] = ROOM
    emulator.phone(LORI, name="Lori")
    sid = emulator.dial()
    row = part(board, "Calls").get_by_role("row", name="Lori")
    expect(row).to_contain_text("in call")
    expect(part(board, "Conferences")).to_contain_text("room 7")
    expect(part(board, "Conferences")).to_contain_text("caller")
    app.pages["/answer"] = "<Enqueue>support</Enqueue>"
    emulator.dial(from_=VICKI)
    expect(part(board, "Queues")).to_contain_text("1 waiting")
    emulator.act(sid, "hang_up")
    expect(row).to_contain_text("ended")
    expect(part(board, "Conferences")).to_contain_text("last participant left")


def test_a_participant_on_hold_and_muted_is_seen_so(emulator: Emulator, app: App, board: Page) -> None:
    app.pages["/answer"] = ROOM
    emulator.phone(DANIELLE, name="Danielle", answers=True, after=0.1)
    sid = emulator.dial()
    expect(part(board, "Conferences")).to_contain_text("caller")
    conference = emulator.api.conferences(emulator.control("GET", "/conferences")["conferences"][0]["sid"])
    conference.participants.create(
        from_=LINE, to=DANIELLE, label="agent", coaching=True, call_sid_to_coach=sid
    )
    expect(part(board, "Conferences")).to_contain_text("agent")
    conference.participants(sid).update(hold=True, muted=True)
    for words in ("on hold", "muted", "coaches +1 555 011 1111"):
        expect(part(board, "Conferences")).to_contain_text(words)


def test_texts_and_recordings_are_seen_with_their_state(emulator: Emulator, app: App, board: Page) -> None:
    app.pages["/answer"] = "<Record timeout='1' playBeep='false'/>"
    emulator.api.messages.create(to=LORI, from_=LINE, body="We call you by ten")
    expect(part(board, "Texts").get_by_role("row", name="We call you by ten")).to_contain_text("delivered")
    emulator.dial({"do": "say", "words": "please call me back"}, {"do": "hang_up"})
    expect(part(board, "Recordings")).to_contain_text("please call me back")
    expect(part(board, "Recordings")).not_to_contain_text("processing")


def test_the_log_shows_what_was_asked_and_answered_and_marks_what_was_wrong(
    emulator: Emulator, app: App, board: Page
) -> None:
    app.pages["/answer"] = "<Say>Hello</Say><Bogus/><Pause length='9'/>"
    emulator.dial()
    log = part(board, "Log")
    request = log.locator("summary", has_text="/answer")
    request.click()
    body = log.locator("details[open]")
    assert (
        body.locator("pre").inner_text()
        == "<Response>\n  <Say>Hello</Say>\n  <Bogus/>\n  <Pause length='9'/>\n</Response>"
    )
    expect(body.locator("dl")).to_contain_text("CallStatus")
    expect(body.locator("dl")).to_contain_text(LORI)
    error = log.locator("[data-kind~=failed]", has_text="Bogus")
    expect(error.get_by_role("link")).to_have_attribute(
        "href", "https://www.twilio.com/docs/api/errors/12200"
    )


def test_the_log_is_narrowed_to_a_call_a_kind_and_words(emulator: Emulator, app: App, board: Page) -> None:
    app.pages["/answer"] = "<Say>Hello there</Say><Hangup/>"
    emulator.phone(LORI, name="Lori")
    emulator.phone(VICKI, name="Vicki")
    one = emulator.dial()
    emulator.dial(from_=VICKI)
    entries = part(board, "Log").locator(".entry")
    expect(entries.filter(has_text="ended")).to_have_count(2)
    board.get_by_label("Call", exact=True).select_option(one)
    expect(entries.filter(has_text="ended")).to_have_count(1)
    assert set(entries.evaluate_all("all => all.map(one => one.dataset.call)")) == {one}
    board.get_by_label("Show").select_option("requests")
    expect(entries).to_have_count(1)
    board.get_by_label("Show").select_option("")
    board.get_by_label("Find").fill("hello THERE")
    expect(entries).to_have_count(2)  # the document, and its words


def test_a_fault_is_set_strikes_and_is_cleared(emulator: Emulator, app: App, board: Page) -> None:
    app.pages["/answer"] = "<Hangup/>"
    faults = part(board, "Faults")
    faults.get_by_label("What", exact=True).select_option("error")
    faults.get_by_label("Address matches").fill("/answer")
    faults.get_by_label("Status", exact=True).fill("503")
    faults.get_by_role("button", name="Add fault").click()
    expect(faults.locator("li")).to_have_text("error to requests for TwiML matching /answer, 1 moreClear")
    emulator.dial()
    expect(part(board, "Log").locator("summary", has_text="fault: error")).to_contain_text("503")
    expect(part(board, "Log").get_by_role("link", name="11200").first).to_be_visible()
    expect(faults.locator("li")).to_contain_text("used up")
    faults.get_by_role("button", name="Clear").click()
    expect(faults.locator("li")).to_have_count(0)
    assert emulator.control("GET", "/faults") == {"faults": []}


def test_a_call_has_a_page_of_its_own_with_its_timeline(emulator: Emulator, app: App, board: Page) -> None:
    app.pages["/answer"] = "<Say>Hello there</Say><Pause length='30'/>"
    emulator.phone(LORI, name="Lori")
    sid = emulator.dial()
    part(board, "Calls").get_by_role("link", name="Lori").click()
    expect(board.get_by_role("heading", name="Call of Lori")).to_be_visible()
    timeline = part(board, "Timeline")
    # said to the end: what is cut short by hanging up is told after it
    expect(timeline.locator(".entry[data-kind=said]")).to_contain_text("Hello there")
    emulator.act(sid, "hang_up")
    expect(timeline.locator(".entry").last).to_contain_text("completed")
    expect(part(board, "Now")).to_contain_text("ended")


def test_everybody_can_use_it_in_light_and_dark_and_on_a_small_screen(
    emulator: Emulator, app: App, board: Page
) -> None:
    app.pages["/answer"] = f"<Bogus/>{ROOM}"
    sid = emulator.dial()
    emulator.fault("callback", "slow", seconds=1)
    emulator.api.messages.create(to=LORI, from_=LINE, body="We call you by ten")
    expect(part(board, "Conferences")).to_contain_text("caller")
    board.locator("summary", has_text="/answer").click()
    expect(part(board, "Texts")).to_contain_text("We call you")
    assert access.faults(board) == []
    assert access.fits(board)
    board.goto(f"{emulator.url}/switchboard/{sid}")
    expect(part(board, "Timeline")).to_contain_text("answered")
    assert access.faults(board) == []
    assert access.fits(board)
