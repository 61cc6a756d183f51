"""Every resource has the fields, types and values of Twilio's own API description.

FIELDS is derived from that description (OpenAPI, version 2010-04-01), so that the names are checked everywhere;
where the description itself is at hand, every answer that any test gets is checked against it (description.py).
"""

import json
from collections.abc import Callable
from typing import Any

import pytest

from tests import needs
from tests.emulator import description
from tests.emulator.harness import ACCOUNT, HANG_UP, LINE, LORI, VICKI, App, Emulator, pause, press, say

FIELDS = {
    "account": "auth_token date_created date_updated friendly_name owner_account_sid sid status subresource_uris type uri",
    "account.call": (
        "account_sid answered_by api_version caller_name date_created date_updated direction duration end_time "
        "forwarded_from from from_formatted group_sid parent_call_sid phone_number_sid price price_unit queue_time "
        "sid start_time status subresource_uris to to_formatted trunk_sid uri"
    ),
    "account.conference": (
        "account_sid api_version call_sid_ending_conference date_created date_updated friendly_name "
        "reason_conference_ended region sid status subresource_uris uri"
    ),
    "account.conference.participant": (
        "account_sid call_sid call_sid_to_coach coaching conference_sid date_created date_updated "
        "end_conference_on_exit hold label muted queue_time start_conference_on_enter status uri"
    ),
    "account.queue": (
        "account_sid average_wait_time current_size date_created date_updated friendly_name max_size sid uri "
        "subresource_uris"
    ),
    "account.queue.member": "call_sid date_enqueued position queue_sid uri wait_time",
    "account.message": (
        "account_sid api_version body date_created date_sent date_updated direction error_code error_message from "
        "messaging_service_sid num_media num_segments price price_unit sid status subresource_uris to uri"
    ),
    "account.recording": (
        "account_sid api_version call_sid channels conference_sid date_created date_updated duration "
        "encryption_details error_code media_url price price_unit sid source start_time status subresource_uris uri"
    ),
    "account.incoming_phone_number": (
        "account_sid address_requirements address_sid api_version beta bundle_sid capabilities date_created "
        "date_updated emergency_address_sid emergency_address_status emergency_status friendly_name identity_sid "
        "origin phone_number sid sms_application_sid sms_fallback_method sms_fallback_url sms_method sms_url status "
        "status_callback status_callback_method trunk_sid type uri voice_application_sid voice_caller_id_lookup "
        "voice_fallback_method voice_fallback_url voice_method voice_receive_mode voice_url"
    ),
}
ERRORS = "https://www.twilio.com/docs/errors"
PAGE = "end first_page_uri next_page_uri page page_size previous_page_uri start uri"
Fetch = Callable[[str], dict[str, Any]]


@pytest.fixture
def fetch(emulator: Emulator, app: App) -> Fetch:
    """Something of every kind, and how to get at it as the API answers it."""
    app.pages["/answer"] = "<Record timeout='2' maxLength='5' action='/room'/>"
    app.pages["/room"] = "<Dial><Conference participantLabel='caller'>Room</Conference></Dial>"
    app.pages["/queue"] = "<Enqueue waitUrl='/wait'>support</Enqueue>"
    app.pages["/wait"] = "<Pause length='30'/>"
    emulator.dial(pause(1), say("hello"), press("#"))
    emulator.phone(VICKI, answers=True, after=1)
    emulator.api.calls.create(to=VICKI, from_=LINE, url=f"{app.url}/queue", machine_detection="Enable")
    emulator.dial(HANG_UP, from_="+15550177777")
    emulator.api.messages.create(to=LORI, from_=LINE, body="Hello")
    emulator.run(8)

    def get(path: str) -> dict[str, Any]:
        response = emulator.api.request("GET", f"{emulator.url}/2010-04-01/Accounts/{path}.json")
        assert response.status_code == 200, path
        body: dict[str, Any] = json.loads(response.text)
        return body

    return get


def check(kind: str, body: dict[str, Any]) -> None:
    assert set(body) == set(FIELDS[kind].split())


@pytest.mark.parametrize(
    ("kind", "path", "key"),
    [
        ("account.call", "Calls", "calls"),
        ("account.conference", "Conferences", "conferences"),
        ("account.queue", "Queues", "queues"),
        ("account.message", "Messages", "messages"),
        ("account.recording", "Recordings", "recordings"),
        ("account.incoming_phone_number", "IncomingPhoneNumbers", "incoming_phone_numbers"),
    ],
)
def test_lists_and_single_resources_have_twilios_shape(fetch: Fetch, kind: str, path: str, key: str) -> None:
    page = fetch(f"{ACCOUNT}/{path}")
    assert set(page) == {key, *PAGE.split()}
    assert page[key]
    for body in page[key]:
        check(kind, body)
        assert fetch(f"{ACCOUNT}/{path}/{body['sid']}") == body
        assert body["uri"] == f"/2010-04-01/Accounts/{ACCOUNT}/{path}/{body['sid']}.json"


def test_the_account_has_twilios_shape(fetch: Fetch) -> None:
    check("account", fetch(ACCOUNT))


def test_participants_have_twilios_shape(fetch: Fetch) -> None:
    (room,) = fetch(f"{ACCOUNT}/Conferences")["conferences"]
    (participant,) = fetch(f"{ACCOUNT}/Conferences/{room['sid']}/Participants")["participants"]
    check("account.conference.participant", participant)
    assert participant["label"] == "caller"


def test_members_have_twilios_shape(fetch: Fetch) -> None:
    (queue,) = fetch(f"{ACCOUNT}/Queues")["queues"]
    (member,) = fetch(f"{ACCOUNT}/Queues/{queue['sid']}/Members")["queue_members"]
    check("account.queue.member", member)


def test_an_error_has_code_message_more_info_and_status(emulator: Emulator) -> None:
    response = emulator.api.request("GET", f"{emulator.url}/2010-04-01/Accounts/{ACCOUNT}/Nothing.json")
    body = json.loads(response.text)
    assert (response.status_code, body["code"], body["status"]) == (404, 20404, 404)
    assert set(body) == {"code", "message", "more_info", "status"}


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({"status": "flying"}, "status"),
        ({"duration": 5}, "duration"),
        ({"date_created": "2026-03-02"}, "date_created"),
        ({"colour": "red"}, "colour"),
        ({"price": None, "subresource_uris": "here"}, "subresource_uris"),
    ],
)
def test_an_answer_that_twilio_would_not_give_fails_the_test_that_gets_it(
    fetch: Fetch, change: dict[str, Any], complaint: str
) -> None:
    if description.document() is None:
        needs.missing("Twilio's description of its API", description.REMEDY)
    call = fetch(f"{ACCOUNT}/Calls")["calls"][0]
    path = call["uri"]
    description.check("GET", path, 200, json.dumps(call))
    with pytest.raises(AssertionError, match=complaint):
        description.check("GET", path, 200, json.dumps(call | change))
    with pytest.raises(AssertionError, match="answered 201"):
        description.check("GET", path, 201, json.dumps(call))
    with pytest.raises(AssertionError, match="with a body"):
        description.check("DELETE", path, 204, "{}")
    del call["sid"]
    with pytest.raises(AssertionError, match="sid"):
        description.check("GET", path, 200, json.dumps(call))
    with pytest.raises(AssertionError, match="no such resource"):
        description.check("GET", f"/2010-04-01/Accounts/{ACCOUNT}/Birds.json", 200, "{}")


def test_an_error_of_another_shape_fails_the_test_that_gets_it() -> None:
    error = {"code": 20404, "message": "Gone", "more_info": f"{ERRORS}/20404", "status": 404}
    description.check("GET", "/2010-04-01/Accounts/AC1.json", 404, json.dumps(error))
    for change in ({"status": 400}, {"code": "20404"}, {"more_info": None}, {"message": ""}, {"detail": 1}):
        with pytest.raises(AssertionError, match="answered 404"):
            description.check("GET", "/2010-04-01/Accounts/AC1.json", 404, json.dumps(error | change))
