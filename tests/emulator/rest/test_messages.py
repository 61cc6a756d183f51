"""https://www.twilio.com/docs/messaging/api/message-resource"""

import re

import pytest
from twilio.base.exceptions import TwilioRestException

from tests.emulator.harness import ACCOUNT, DANIELLE, LINE, LORI, VICKI, App, Emulator


def test_a_text_is_queued_then_sent_then_delivered(emulator: Emulator, app: App) -> None:
    emulator.phone(LORI, name="Lori")
    message = emulator.api.messages.create(
        to=LORI, from_=LINE, body="We found it", status_callback=f"{app.url}/sms"
    )
    assert message.status == "queued"
    emulator.run(5)
    assert [one["MessageStatus"] for one in app.to("/sms")] == ["queued", "sent", "delivered"]
    assert {one["MessageSid"] for one in app.to("/sms")} == {message.sid}
    (texted,) = emulator.log("texted")
    assert (texted["who"], texted["to"], texted["body"]) == ("Lori", LORI, "We found it")
    assert emulator.api.messages(message.sid).fetch().status == "delivered"
    assert [one.sid for one in emulator.api.messages.list(to=LORI)] == [message.sid]


def test_stop_opts_a_number_out_until_start(emulator: Emulator, app: App) -> None:
    emulator.control("POST", "/texts", {"from": LORI, "to": LINE, "body": "Stop"})
    emulator.run(1)
    assert app.to("/text")[0]["OptOutType"] == "STOP"
    with pytest.raises(TwilioRestException) as caught:
        emulator.api.messages.create(to=LORI, from_=LINE, body="Hello")
    assert (caught.value.status, caught.value.code) == (400, 21610)
    emulator.control("POST", "/texts", {"from": LORI, "to": LINE, "body": "START"})
    assert emulator.api.messages.create(to=LORI, from_=LINE, body="Hello").status == "queued"


def test_a_phone_can_be_opted_out_from_the_beginning(emulator: Emulator) -> None:
    emulator.phone(VICKI, opted_out=True)
    with pytest.raises(TwilioRestException) as caught:
        emulator.api.messages.create(to=VICKI, from_=LINE, body="Hello")
    assert caught.value.code == 21610


def test_a_persons_text_goes_to_the_sms_url_and_its_answer_back_to_them(emulator: Emulator, app: App) -> None:
    app.pages["/text"] = "<Message>Thank you</Message>"
    emulator.control(
        "POST", "/texts", {"from": LORI, "to": LINE, "body": "My bill", "media": ["http://x/bill.jpg"]}
    )
    emulator.run(5)
    (asked,) = app.to("/text")
    assert (asked["From"], asked["To"], asked["Body"]) == (LORI, LINE, "My bill")
    assert (asked["NumMedia"], asked["MediaContentType0"]) == ("1", "image/jpeg")
    message = f"{emulator.url}/2010-04-01/Accounts/{ACCOUNT}/Messages/{asked['MessageSid']}"
    assert re.fullmatch(rf"{message}/Media/ME[0-9a-f]{{32}}", asked["MediaUrl0"])
    assert asked["MessageSid"] == asked["SmsSid"]
    texts = emulator.control("GET", f"/texts?to=%2B{LORI[1:]}")["texts"]
    assert [(one["body"], one["status"]) for one in texts] == [("Thank you", "delivered")]


def test_what_cannot_be_sent_is_refused_with_twilios_codes(emulator: Emulator) -> None:
    for given, code in (
        ({"to": "12"}, 21211),
        ({"to": ""}, 21604),
        ({"from_": ""}, 21603),
        ({"from_": "+15550999999"}, 21606),
        ({"body": ""}, 21619),
        ({"body": "x" * 1601}, 21617),
    ):
        with pytest.raises(TwilioRestException) as caught:
            emulator.api.messages.create(**{"to": VICKI, "from_": LINE, "body": "Hello"} | given)
        assert caught.value.code == code


def test_a_text_to_a_phone_out_of_reach_is_undelivered(emulator: Emulator, app: App) -> None:
    emulator.phone(DANIELLE, unreachable=True)
    message = emulator.api.messages.create(
        to=DANIELLE, from_=LINE, body="Hello", status_callback=f"{app.url}/sms"
    )
    emulator.run(5)
    assert app.to("/sms")[-1]["ErrorCode"] == "30003"
    fetched = emulator.api.messages(message.sid).fetch()
    assert (fetched.status, fetched.error_code) == ("undelivered", 30003)
