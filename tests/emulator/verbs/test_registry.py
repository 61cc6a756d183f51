"""Which TwiML there is, and what Twilio says of any other: https://www.twilio.com/docs/voice/twiml"""

import inspect
from collections.abc import Iterator
from typing import Any

import pytest
from twilio.twiml import voice_response

from ivr.emulator import verbs
from ivr.emulator.verbs.registry import NOUNS, PARTS, VERBS, get_schema
from tests.emulator.harness import LINE, VICKI, App, Emulator, Reply

verbs.load_verbs()
HELPERS = {"append", "nest", "add_child", "comment", "add_text", "xml", "to_xml"}
NOT_IN_A_CALL = {("Response", "Queue")}  # a leftover of the SDK: its documentation has it in <Dial> only


def written() -> Iterator[tuple[str, Any]]:
    """Every element that Twilio's own Python SDK can write, with all of its attributes, and what it stands in."""
    for _, kind in inspect.getmembers(voice_response, inspect.isclass):
        required = [
            one for one in inspect.signature(kind.__init__).parameters.values() if one.default is one.empty
        ][1:]
        parent: Any = kind(*["x" for one in required if one.kind is not one.VAR_KEYWORD])
        for name, make in inspect.getmembers(parent, inspect.ismethod):
            if not name.startswith("_") and name not in HELPERS:
                wanted = [one for one in inspect.signature(make).parameters if one != "kwargs"]
                yield parent.name, make(**dict.fromkeys(wanted, "x"))


def test_everything_the_sdk_writes_is_known_where_it_writes_it() -> None:
    strange = set()
    for parent, element in written():
        known = VERBS if parent == "Response" else get_schema(parent).children
        if element.name not in known:
            strange.add((parent, element.name))
        allowed = get_schema(element.name).attributes
        strange |= {(element.name, attribute) for attribute in element.attrs if attribute not in allowed}
    assert strange - NOT_IN_A_CALL == set()


def test_every_child_that_is_allowed_is_known_itself() -> None:
    known = {*VERBS, *NOUNS, *PARTS}
    for name in known:
        assert get_schema(name).children <= known | {"Body", "Media", "ReferSip"}, name


def answered(emulator: Emulator, app: App, document: str | Reply) -> str:
    app.pages["/answer"] = Reply(document) if isinstance(document, str) else document
    call = emulator.dial()
    emulator.run(5)
    return call


@pytest.mark.parametrize(
    ("document", "code"),
    [
        ("<Response><Say>Hello", "12100"),
        ("", "12100"),
        ("Hello", "12100"),
        ("<Response/><Response/>", "12100"),
        ('<?xml version="1.0" encoding="klingon"?><Response/>', "12100"),
        ('<!DOCTYPE a [<!ENTITY b "c">]><Response><Say>&b;</Say></Response>', "12100"),
        (f"<Response>{'<Say>' * 60}{'</Say>' * 60}</Response>", "12100"),
        ("<Response><Say>\x00</Say></Response>", "12100"),
        ('<Response version="1999-01-01"/>', "12101"),
        ("<response/>", "12102"),
        ("<html><body>Internal Server Error</body></html>", "12102"),
    ],
)
def test_a_document_that_cannot_be_read_leads_to_the_fallback_with_its_code(
    emulator: Emulator, app: App, document: str, code: str
) -> None:
    answered(emulator, app, document)
    assert app.to("/fallback")[0]["ErrorCode"] == code
    assert emulator.errors()[0] == int(code)


def test_bytes_that_are_not_utf_8_are_a_parse_failure(emulator: Emulator, app: App) -> None:
    answered(emulator, app, Reply(b"<Response><Say>\xff\xfe\xff</Say></Response>"))
    assert app.to("/fallback")[0]["ErrorCode"] == "12100"


def test_another_encoding_is_read_if_the_document_names_it(emulator: Emulator, app: App) -> None:
    text = '<?xml version="1.0" encoding="ISO-8859-1"?><Response><Say>Días</Say></Response>'
    call = answered(emulator, app, Reply(text.encode("latin-1")))
    assert emulator.spoken_texts(call) == ["Días"]


@pytest.mark.parametrize("version", ["2008-08-01", "2010-04-01"])
def test_the_versions_that_were_are_accepted(emulator: Emulator, app: App, version: str) -> None:
    answered(emulator, app, f'<Response version="{version}"><Pause/></Response>')
    assert emulator.errors() == []


@pytest.mark.parametrize(
    ("inside", "hint"),
    [
        ("<say>No</say>", "did you mean Say?"),
        ("<Shout>No</Shout>", "Shout"),
        ("<Pause Length='1'/>", "did you mean length?"),
        ("<Pause seconds='1'/>", "seconds"),
        ("<Number>+15550122222</Number>", "Number"),
        ("Hello", "text of its own"),
        ("<Hangup><Say>No</Say></Hangup>", "Say cannot stand inside Hangup"),
    ],
)
def test_what_the_schema_does_not_have_is_a_warning_and_passed_over(
    emulator: Emulator, app: App, inside: str, hint: str
) -> None:
    answered(emulator, app, f"<Response>{inside}</Response>")
    (error,) = emulator.log("error")
    assert error["code"] == 12200
    assert hint in error["message"]
    assert emulator.spoken_texts() == []


def test_comments_and_schema_locations_are_no_concern(emulator: Emulator, app: App) -> None:
    head = 'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:noNamespaceSchemaLocation="a.xsd"'
    call = answered(emulator, app, f"<Response {head}><!-- a comment --><Say {head}>Yes</Say></Response>")
    assert (emulator.errors(), emulator.spoken_texts(call)) == ([], ["Yes"])


@pytest.mark.parametrize(
    ("inside", "code"),
    [
        ("<Redirect method='PUT'>/fallback</Redirect>", 13710),
        ("<Reject reason='tired'/>", 13810),
        ("<Pause length='-1'/>", 13910),
        ("<Pause length='99999999999'/>", 13910),
        (f"<Pause length='{'9' * 5000}'/>", 13910),
        ("<Play loop='x'>https://example.com/a.mp3</Play>", 13410),
        ("<Play digits='12x'/>", 13430),
        ("<Enqueue method='PUT' waitUrl=''>q</Enqueue>", 14201),
        ("<Enqueue waitUrlMethod='PUT' waitUrl=''>q</Enqueue>", 14206),
        ("<Enqueue/>", 14204),
        (f"<Enqueue>{'q' * 65}</Enqueue>", 14205),
        ("<Dial><Queue method='PUT'>q</Queue></Dial>", 14210),
        ("<Dial><Queue/></Dial>", 14212),
        (f"<Dial><Queue>{'q' * 65}</Queue></Dial>", 14213),
        ("<Dial><Conference muted='1'>R</Conference></Dial>", 13230),
        ("<Dial><Conference endConferenceOnExit='1'>R</Conference></Dial>", 13231),
        ("<Dial><Conference startConferenceOnEnter='1'>R</Conference></Dial>", 13232),
        ("<Dial><Conference waitMethod='PUT'>R</Conference></Dial>", 13234),
        ("<Dial><Conference beep='loud'>R</Conference></Dial>", 13235),
        (f"<Dial><Conference>CF{'0' * 32}</Conference></Dial>", 13236),
        ("<Dial><Conference/></Dial>", 13237),
        ("<Dial><Conference trim='some'>R</Conference></Dial>", 13239),
        ("<Dial><Conference coach='CA1'>R</Conference></Dial>", 13240),
        ("<Dial><Conference maxParticipants='251'>R</Conference></Dial>", 12200),
        ("<Dial><Conference jitterBufferSize='huge'>R</Conference></Dial>", 12200),
        ("<Dial><Conference region='moon'>R</Conference></Dial>", 12200),
        ("<Dial><Conference participantLabel='a/b'>R</Conference></Dial>", 16023),
        ("<Dial/>", 13223),
        ("<Sms/>", 14103),
        ("<Sms method='PUT'>Hi</Sms>", 14104),
    ],
)
def test_each_wrong_value_has_twilio_s_own_code(emulator: Emulator, app: App, inside: str, code: int) -> None:
    answered(emulator, app, f"<Response>{inside}</Response>")
    assert emulator.errors() == [code]


RELAY = "<ConversationRelay url='wss://e.com'><Parameter name='a' value='b'/></ConversationRelay>"
PROMPT = "<Prompt for='payment-card-number'><Say>Card</Say></Prompt>"


@pytest.mark.parametrize(
    ("inside", "told"),
    [
        ("<Connect action='/after'><Stream url='wss://example.com'/></Connect>", {}),
        ("<Connect action='/after'><Room participantIdentity='a'>R</Room></Connect>", {}),
        (f"<Connect action='/after'>{RELAY}</Connect>", {}),
        (f"<Pay action='/after'>{PROMPT}</Pay>", {"Result": "payment-connector-error"}),
    ],
)
def test_what_other_services_do_is_over_at_once_and_the_action_follows(
    emulator: Emulator, app: App, inside: str, told: dict[str, str]
) -> None:
    app.pages["/after"] = "<Say>Back again</Say>"
    call = answered(emulator, app, f"<Response>{inside}<Say>Never</Say></Response>")
    assert len(emulator.log("not_emulated", call=call)) == 1
    assert emulator.spoken_texts(call) == ["Back again"]
    assert told.items() <= app.to("/after")[0].items()
    assert emulator.errors() == []


def test_without_an_action_the_next_verb_follows(emulator: Emulator, app: App) -> None:
    inside = "<Connect><Stream url='wss://example.com'/></Connect><Echo/><Prompt/><Pay/>"
    call = answered(emulator, app, f"<Response>{inside}<Say>Next</Say></Response>")
    assert [one["verb"] for one in emulator.log("not_emulated", call=call)] == [
        "Connect",
        "Echo",
        "Prompt",
        "Pay",
    ]
    assert emulator.spoken_texts(call) == ["Next"]


def test_refer_is_for_sip_calls_only(emulator: Emulator, app: App) -> None:
    refer = "<Refer action='/after'><Sip>sip:eve@example.com</Sip></Refer>"
    answered(emulator, app, f"<Response>{refer}</Response>")
    assert emulator.errors() == [13801]
    app.pages["/out"] = refer
    emulator.phone("sip:dan@example.com", answers=True, after=1)
    emulator.api.calls.create(to="sip:dan@example.com", from_=LINE, url=f"{app.url}/out")
    emulator.run(5)
    assert emulator.errors() == [13801]
    after = app.to("/after")[-1]
    assert (after["ReferCallStatus"], after["ReferSipResponseCode"]) == ("failed", "405")


def test_the_sms_verb_asks_its_action_and_goes_on_there(emulator: Emulator, app: App) -> None:
    app.pages["/sent"] = "<Say>Sent</Say>"
    sms = f"<Sms to='{VICKI}' action='/sent' statusCallback='/text-status'>Hello</Sms>"
    call = answered(emulator, app, f"<Response>{sms}<Say>Never</Say></Response>")
    (sent,) = app.to("/sent")
    assert (sent["SmsStatus"], sent["SmsSid"][:2]) == ("sent", "SM")
    assert emulator.spoken_texts(call) == ["Sent"]
    assert [one["SmsStatus"] for one in app.to("/text-status")] == ["queued", "sent", "delivered"]
    assert {one["MessageSid"] for one in app.to("/text-status")} == {sent["SmsSid"]}
