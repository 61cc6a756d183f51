"""The phones page, as somebody uses it who has never seen it."""

import re
from base64 import b64encode
from urllib.request import Request, urlopen

from playwright.sync_api import Locator, Page, expect

from tests.browser import access
from tests.browser.conftest import Visit
from tests.browser.emulator.conftest import MENU
from tests.browser.waiting import wait_until
from tests.emulator.harness import DANIELLE, LINE, App, Emulator, Reply, emulating, say

CUSTOMER = "+12025550143"
RED = b'<svg xmlns="http://www.w3.org/2000/svg" width="60" height="40"><rect width="60" height="40" fill="red"/></svg>'
HOSTILE = "<img src=x onerror=\"document.title='taken'\"><script>document.title='taken'</script>"


def phone(page: Page, name: str) -> Locator:
    return page.get_by_role("region", name=name, exact=True)


def add(page: Page, number: str, name: str) -> Locator:
    page.get_by_label("Number", exact=True).fill(number)
    page.get_by_label("Whose").fill(name)
    page.get_by_role("button", name="Add", exact=True).click()
    return phone(page, name)


def click(within: Locator, name: str) -> None:
    within.get_by_role("button", name=name, exact=True).click()


def speak(within: Locator, words: str) -> None:
    within.get_by_label("Words to say").fill(words)
    click(within, "Say")


def called(page: Page) -> Locator:
    """The customer's phone, in a call."""
    customer = phone(page, "Customer")
    customer.get_by_role("button", name="Call +1 555").click()
    expect(customer.get_by_text("In call with")).to_be_visible()
    return customer


def test_a_newcomer_calls_hears_the_menu_presses_a_key_and_talks_with_an_agent(
    emulator: Emulator, visit: Visit
) -> None:
    page = visit(f"{emulator.url}/phones")
    danielle = add(page, "+1 (555) 013-3333", "Danielle")
    customer = called(page)
    menu = customer.locator(".said.line").first
    expect(menu).to_contain_text("Thank you for calling. Press one")
    assert "somebody else" not in menu.inner_text()  # it is still being said
    click(customer, "1")
    expect(menu.locator("s")).to_contain_text("stay on the line for somebody else.")
    expect(danielle.get_by_text("calls", exact=False).first).to_be_visible()
    click(danielle, "Answer")
    expect(danielle.get_by_text("In call with")).to_be_visible()
    speak(customer, "My suitcase did not arrive")
    expect(danielle.locator(".theirs")).to_have_text(re.compile("My suitcase did not arrive$"))
    speak(danielle, "I am looking for it now")
    expect(customer.locator(".theirs")).to_have_text(
        re.compile("Danielle.*I am looking for it now$", re.DOTALL)
    )
    # a page shows words while they are being said; who hangs up before their end has not said them
    wait_until(page, lambda: [one["speaker"] for one in emulator.log("heard")] == ["Customer", "Danielle"])
    click(danielle, "Hang up")
    for one in (customer, danielle):
        expect(one.get_by_text("Ready")).to_be_visible()
    assert [one["keys"] for one in emulator.log("pressed")] == ["1"]


def test_everything_that_is_spoken_is_told_to_a_screen_reader_once_and_whole(
    emulator: Emulator, visit: Visit
) -> None:
    page = visit(f"{emulator.url}/phones")
    called(page)
    expect(page.locator('[aria-live="polite"]')).to_have_text(MENU)


def test_a_phone_is_used_by_keyboard_alone(emulator: Emulator, visit: Visit) -> None:
    page = visit(f"{emulator.url}/phones?number={CUSTOMER}")
    customer = phone(page, "Customer")
    customer.get_by_role("button", name="Call +1 555").press("Enter")
    expect(customer.get_by_text("In call with")).to_be_visible()
    expect(customer.get_by_role("button", name="Hang up")).to_be_focused()
    page.keyboard.press("1")
    expect(customer.locator(".keys")).to_contain_text("1")
    danielle = add(page, DANIELLE, "Danielle")
    expect(danielle.get_by_role("button", name="Answer")).to_be_visible()
    danielle.focus()
    page.keyboard.press("a")
    expect(danielle.get_by_text("In call with")).to_be_visible()
    page.keyboard.press("h")
    expect(danielle.get_by_text("Ready")).to_be_visible()


def test_digits_typed_into_a_text_press_no_keys(emulator: Emulator, visit: Visit) -> None:
    page = visit(f"{emulator.url}/phones")
    customer = called(page)
    customer.get_by_label("Text to send").press_sequentially("12h")
    expect(customer.get_by_label("Text to send")).to_have_value("12h")
    assert emulator.log("pressed") == []


def test_a_phone_that_nobody_holds_can_be_picked_up_while_it_rings(emulator: Emulator, visit: Visit) -> None:
    page = visit(f"{emulator.url}/phones")
    click(called(page), "1")
    click(page.locator("#ringing"), "Hold this phone")
    danielle = phone(page, "+1 555 013 3333")
    click(danielle, "Decline")
    expect(danielle.get_by_text("Busy")).to_be_visible()
    assert [one["status"] for one in emulator.log("ended") if one["who"] == DANIELLE] == ["busy"]


def test_a_script_waits_while_the_phone_is_held_and_goes_on_when_it_is_put_away(
    emulator: Emulator, visit: Visit
) -> None:
    emulator.phone(DANIELLE, name="Danielle", answers=True, after=0.1, script=[say("I am a script")])
    page = visit(f"{emulator.url}/phones")
    click(page.locator("#known"), "Danielle")
    danielle = phone(page, "Danielle")
    customer = called(page)
    click(customer, "1")
    click(danielle, "Decline")
    expect(customer.get_by_text("Ready")).to_be_visible()
    danielle.get_by_role("button", name="Put Danielle's phone away").click()
    customer.get_by_role("button", name="Call +1 555").click()
    click(customer, "1")
    expect(customer.locator(".theirs")).to_contain_text("I am a script")


def test_phones_are_remembered(emulator: Emulator, visit: Visit) -> None:
    page = visit(f"{emulator.url}/phones")
    add(page, DANIELLE, "Danielle")
    page.reload()
    expect(phone(page, "Danielle")).to_be_visible()
    expect(phone(page, "Customer")).to_be_visible()


def test_a_number_that_is_none_is_refused_with_a_word_how_to_write_it(
    emulator: Emulator, visit: Visit
) -> None:
    page = visit(f"{emulator.url}/phones")
    page.get_by_label("Number", exact=True).fill("555 0111")
    page.get_by_role("button", name="Add", exact=True).click()
    expect(page.get_by_text("A number begins with +")).to_be_visible()
    expect(page.get_by_label("Number", exact=True)).to_be_focused()


def test_texts_go_both_ways_with_their_pictures(
    emulator: Emulator, app: App, visit: Visit, complaints: list[str]
) -> None:
    app.pages["/text"] = "<Message><Body>Thank you</Body></Message>"
    app.pages["/seen.svg"] = Reply(RED, headers={"Content-Type": "image/svg+xml"})
    page = visit(f"{emulator.url}/phones")
    customer = phone(page, "Customer")
    customer.get_by_label("Text to send").fill("This is the tag")
    picture = {"name": "tag.png", "mimeType": "image/png", "buffer": page.screenshot()}
    customer.get_by_label("Picture to send").set_input_files(picture)  # type: ignore[arg-type] # a dict will do
    click(customer, "Send")
    expect(customer.get_by_text("Thank you")).to_be_visible()
    (sent,) = app.to("/text")
    assert (sent["From"], sent["Body"], sent["NumMedia"]) == (CUSTOMER, "This is the tag", "1")
    key = b64encode(f"{emulator.api.username}:{emulator.api.password}".encode()).decode()
    asked = Request(sent["MediaUrl0"], headers={"Authorization": f"Basic {key}"})  # noqa: S310
    with urlopen(asked) as answer:  # noqa: S310 - the emulator's own
        assert answer.read(3) == b"\xff\xd8\xff"  # JPEG, whatever it was
    assert _seen(customer.locator(".text.mine img"))
    emulator.api.messages.create(
        to=CUSTOMER, from_=LINE, body="Ours", media_url=[f"{app.url}/seen.svg", f"{app.url}/gone.png"]
    )
    expect(customer.get_by_text(f"This picture cannot be fetched: {app.url}/gone.png")).to_be_visible()
    assert _seen(customer.locator(".text:not(.mine) img"))
    complaints.clear()  # of the one that is not there


def _seen(image: Locator) -> bool:
    image.scroll_into_view_if_needed()
    expect(image).to_have_js_property("complete", value=True)
    width: int = image.evaluate("one => one.naturalWidth")
    return width > 0


def test_names_words_and_texts_are_never_taken_for_markup(emulator: Emulator, app: App, visit: Visit) -> None:
    app.pages["/text"] = f"<Message><Body><![CDATA[{HOSTILE}]]></Body></Message>"
    app.pages["/chosen"] = f"<Say><![CDATA[{HOSTILE}]]></Say><Pause length='30'/>"
    emulator.phone(DANIELLE, name=HOSTILE)
    page = visit(f"{emulator.url}/phones")
    customer = called(page)
    speak(customer, HOSTILE)
    customer.get_by_label("Text to send").fill(HOSTILE)
    click(customer, "Send")
    click(customer, "1")
    expect(customer.locator(".text")).to_have_count(2)
    expect(customer.locator(".said.mine")).to_contain_text("<img src=x")
    expect(customer.locator(".said.line").last).to_contain_text("<script>")
    board = visit(f"{emulator.url}/switchboard")
    expect(board.get_by_text("<img src=x").first).to_be_visible()
    for one in (page, board):
        assert one.locator("img[src=x], main script").count() == 0
        assert one.title() in {"Phones", "Switchboard"}


def test_a_page_that_loses_the_emulator_says_so_and_begins_anew_with_the_next(
    app: App, visit: Visit, complaints: list[str]
) -> None:
    with emulating() as url:
        page = visit(f"{url}/phones")
        emulator = Emulator(url)
        emulator.control("POST", "/texts", {"from": CUSTOMER, "to": LINE, "body": "Of the first"})
        emulator.close()
        expect(page.get_by_text("Of the first")).to_be_visible()
    expect(page.get_by_text("The connection to the emulator is lost")).to_be_visible()
    with emulating("--port", url.rpartition(":")[2]):
        expect(page.get_by_text("The connection to the emulator is lost")).to_be_hidden()
        expect(page.get_by_text("Of the first")).to_be_hidden()
        page.close()
    complaints.clear()  # of the connection


def test_a_clock_that_stands_still_is_moved_from_the_page(still: Emulator, visit: Visit) -> None:
    page = visit(f"{still.url}/phones")
    customer = called(page)
    menu = customer.locator(".said.line")
    expect(menu).to_have_text("LineThank")
    click(page.get_by_role("group", name="Move the clock"), "+1 s")
    expect(menu).to_have_text("LineThank you for")
    click(page.get_by_role("group", name="Move the clock"), "Next")
    expect(menu).to_have_text(f"Line{MENU}")


def test_everybody_can_use_it_in_light_and_dark_and_on_a_small_screen(
    emulator: Emulator, visit: Visit
) -> None:
    page = visit(f"{emulator.url}/phones")
    add(page, DANIELLE, "Danielle")
    customer = called(page)
    click(customer, "1")
    expect(phone(page, "Danielle").get_by_role("button", name="Answer")).to_be_visible()
    assert access.faults(page) == []
    assert access.fits(page)
