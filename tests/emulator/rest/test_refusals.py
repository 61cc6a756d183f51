"""What Twilio refuses, with the code it says: https://www.twilio.com/docs/api/errors. Nothing that is sent is a 500."""

import base64
import http.client
import json
import urllib.parse
from collections.abc import Callable
from typing import Any

import pytest

from tests.emulator.harness import ACCOUNT, LINE, TOKEN, VICKI, App, Emulator
from tests.emulator.rooms import room

NOBODY = "0" * 32
CALL = {"To": VICKI, "From": LINE, "Url": "http://example.com/twiml"}
TEXT = {"To": VICKI, "From": LINE, "Body": "Hello"}
Post = Callable[..., tuple[int, int | None]]
Wrong = tuple[str, dict[str, Any], int]


@pytest.fixture
def post(emulator: Emulator) -> Post:
    """The status of a request and, if it was refused, the code. Parameters of a POST; a GET has them in its path."""

    def send(path: str, data: dict[str, Any] | None = None, method: str = "POST") -> tuple[int, int | None]:
        url = f"{emulator.url}/2010-04-01/Accounts/{ACCOUNT}/{path}.json"
        url = url if method == "POST" else f"{url}?{urllib.parse.urlencode(data or {}, doseq=True)}"
        response = emulator.api.request(method, url, data=data if method == "POST" else None)
        return response.status_code, json.loads(response.text).get("code") if response.text else None

    return send


@pytest.fixture
def inside(emulator: Emulator, app: App) -> str:
    """`{CF}/Participants/{CA}` of a conference, its one participant in it."""
    app.pages["/answer"] = room()
    caller = emulator.dial()
    emulator.run(1)
    return f"{emulator.api.conferences.list()[0].sid}/Participants/{caller}"


CALLS: list[tuple[dict[str, str], int]] = [
    ({"To": ""}, 21201),
    ({"From": ""}, 21213),
    ({"To": "12"}, 21211),
    ({"From": "12"}, 21212),
    ({"From": "+15550999999"}, 21210),
    ({"Url": ""}, 21205),
    ({"Url": "nowhere"}, 21205),
    ({"Url": "ftp://example.com/"}, 21205),
    ({"Url": "http://"}, 21205),
    ({"Url": "http://[::1"}, 21205),
    ({"Url": "", "Twiml": "x" * 4001}, 20001),
    ({"Method": "PUT"}, 21209),
    ({"FallbackUrl": "nowhere"}, 21205),
    ({"FallbackMethod": "DELETE"}, 21209),
    ({"StatusCallback": "nowhere"}, 21609),
    ({"StatusCallbackMethod": "DELETE"}, 21209),
    ({"RecordingStatusCallbackMethod": "DELETE"}, 21209),
    ({"Timeout": "soon"}, 21208),
    ({"Timeout": "601"}, 21208),
    ({"Timeout": "-1"}, 21208),
    ({"TimeLimit": "0"}, 20001),
    ({"SendDigits": "12x"}, 21206),
    ({"SendDigits": "1" * 33}, 21206),
    ({"Record": "perhaps"}, 20001),
    ({"RecordingChannels": "three"}, 20001),
    ({"RecordingTrack": "neither"}, 20001),
    ({"Trim": "all"}, 20001),
    ({"MachineDetection": "Maybe"}, 21234),
    ({"MachineDetectionTimeout": "2"}, 21234),
    ({"MachineDetectionSpeechThreshold": "10"}, 21234),
    ({"MachineDetectionSpeechEndThreshold": "9999"}, 21234),
    ({"MachineDetectionSilenceTimeout": "1"}, 21234),
    ({"ApplicationSid": f"AP{NOBODY}"}, 21218),
]


@pytest.mark.parametrize(("wrong", "code"), CALLS)
def test_a_call_that_cannot_be_made_is_refused_and_not_made(
    emulator: Emulator, post: Post, wrong: dict[str, str], code: int
) -> None:
    assert post("Calls", CALL | wrong) == (400, code)
    assert emulator.api.calls.list() == []


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"MessagingServiceSid": f"MG{NOBODY}"}, 21701),
        ({"ContentSid": f"HX{NOBODY}"}, 21655),
        ({"ScheduleType": "fixed"}, 35118),
        ({"StatusCallback": "nowhere"}, 21609),
        ({"MediaUrl": "nowhere"}, 21620),
        ({"MediaUrl": [f"http://example.com/{one}" for one in range(11)]}, 21623),
        ({"ValidityPeriod": "0"}, 21624),
        ({"ApplicationSid": f"AP{NOBODY}"}, 21218),
    ],
)
def test_a_text_that_cannot_be_sent_is_refused_and_not_sent(
    emulator: Emulator, post: Post, wrong: dict[str, Any], code: int
) -> None:
    assert post("Messages", TEXT | wrong)[1] == code
    assert emulator.api.messages.list() == []


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"Label": "a/b"}, 16023),
        ({"Label": "x" * 129}, 16023),
        ({"Beep": "loud"}, 20001),
        ({"Muted": "perhaps"}, 20001),
        ({"MaxParticipants": "1"}, 20001),
        ({"ConferenceRecord": "perhaps"}, 20001),
        ({"WaitUrl": "nowhere"}, 21205),
        ({"WaitMethod": "PUT"}, 21209),
        ({"ConferenceStatusCallback": "nowhere"}, 21609),
        ({"AmdStatusCallback": "nowhere"}, 21609),
        ({"MachineDetectionTimeout": "2"}, 21234),
        ({"Timeout": "soon"}, 21208),
    ],
)
def test_a_participant_who_cannot_be_called_is_refused_and_makes_no_room(
    emulator: Emulator, post: Post, wrong: dict[str, str], code: int
) -> None:
    assert post("Conferences/Room/Participants", {"To": VICKI, "From": LINE} | wrong) == (400, code)
    assert emulator.api.conferences.list() == []
    assert emulator.api.calls.list() == []


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"Muted": "perhaps"}, 20001),
        ({"Hold": "1"}, 20001),
        ({"Hold": "true", "HoldUrl": "nowhere"}, 21205),
        ({"Hold": "true", "HoldMethod": "PUT"}, 21209),
        ({"AnnounceUrl": "nowhere"}, 21205),
        ({"Muted": "true", "Coaching": "true", "CallSidToCoach": "CA1"}, 16028),
    ],
)
def test_a_participant_is_not_changed_by_what_is_refused(
    emulator: Emulator, post: Post, inside: str, wrong: dict[str, str], code: int
) -> None:
    assert post(f"Conferences/{inside}", wrong) == (400, code)
    (participant,) = emulator.api.conferences(inside[:34]).participants.list()
    assert (participant.muted, participant.hold) == (False, False)


@pytest.mark.parametrize(
    ("path", "wrong", "code"),
    [
        ("Queues", {}, 20001),
        ("Queues", {"FriendlyName": "x" * 65}, 20002),
        ("Queues", {"FriendlyName": "q", "MaxSize": "5001"}, 20001),
        ("IncomingPhoneNumbers", {}, 21421),
        ("IncomingPhoneNumbers", {"PhoneNumber": "12"}, 21421),
        ("IncomingPhoneNumbers", {"PhoneNumber": LINE}, 21422),
        ("IncomingPhoneNumbers", {"AreaCode": "12"}, 21451),
        ("IncomingPhoneNumbers", {"PhoneNumber": VICKI, "VoiceUrl": "nowhere"}, 21402),
        ("IncomingPhoneNumbers", {"PhoneNumber": VICKI, "VoiceMethod": "PUT"}, 21403),
        ("IncomingPhoneNumbers", {"PhoneNumber": VICKI, "StatusCallback": "nowhere"}, 21502),
        ("IncomingPhoneNumbers", {"PhoneNumber": VICKI, "VoiceApplicationSid": f"AP{NOBODY}"}, 21420),
        ("IncomingPhoneNumbers/TollFree", {"PhoneNumber": VICKI}, 21458),
        ("Applications", {"VoiceUrl": "nowhere"}, 21402),
        ("Applications", {"SmsMethod": "PUT"}, 21403),
    ],
)
def test_what_cannot_be_made_is_refused(post: Post, path: str, wrong: dict[str, str], code: int) -> None:
    assert post(path, wrong) == (400, code)


@pytest.mark.parametrize(
    ("path", "wrong"),
    [
        ("Calls", {"Status": "flying"}),
        ("Calls", {"StartTime": "yesterday"}),
        ("Calls", {"EndTime>": "99999-01-01"}),
        ("Conferences", {"Status": "flying"}),
        ("Conferences", {"DateUpdated<": "soon"}),
        ("Messages", {"DateSent": "2026-13-01"}),
        ("Recordings", {"DateCreated": "soon"}),
        ("Recordings", {"IncludeSoftDeleted": "perhaps"}),
        ("IncomingPhoneNumbers", {"Beta": "perhaps"}),
        ("IncomingPhoneNumbers", {"Origin": "the moon"}),
        ("Notifications", {"Log": "7"}),
    ],
)
def test_a_filter_that_cannot_be_is_400(post: Post, path: str, wrong: dict[str, str]) -> None:
    assert post(path, wrong, method="GET") == (400, 20001)


@pytest.mark.parametrize("method", ["GET", "POST", "DELETE"])
@pytest.mark.parametrize(
    "path",
    [
        f"Calls/CA{NOBODY}",
        f"Calls/CA{NOBODY}/Recordings",
        f"Calls/CA{NOBODY}/Recordings/RE{NOBODY}",
        f"Calls/CA{NOBODY}/Notifications",
        f"Conferences/CF{NOBODY}",
        f"Conferences/CF{NOBODY}/Participants",
        f"Conferences/CF{NOBODY}/Recordings",
        f"Conferences/CF{NOBODY}/Recordings/Twilio.CURRENT",
        f"Queues/QU{NOBODY}",
        f"Queues/QU{NOBODY}/Members/Front",
        f"Messages/SM{NOBODY}",
        f"Messages/SM{NOBODY}/Media",
        f"Messages/SM{NOBODY}/Media/ME{NOBODY}",
        f"Recordings/RE{NOBODY}",
        f"IncomingPhoneNumbers/PN{NOBODY}",
        f"Applications/AP{NOBODY}",
        f"Notifications/NO{NOBODY}",
    ],
)
def test_what_is_not_there_is_20404_and_a_method_that_is_not_there_20004(
    post: Post, path: str, method: str
) -> None:
    assert post(path, {"To": VICKI, "From": LINE, "Status": "paused"}, method) in {
        (404, 20404),
        (405, 20004),
    } | ({(400, 20001)} if method == "POST" else set())


@pytest.mark.parametrize(
    "path", ["Calls/CA1/Payments", "Recordings/RE1/Transcriptions", "Addresses", "Keys/SK1"]
)
def test_what_the_emulator_has_not_is_501(post: Post, path: str) -> None:
    assert post(path, {}) == (501, 20501)


def test_a_live_recording_is_neither_deleted_nor_started_before_the_call_is_answered(
    emulator: Emulator, post: Post
) -> None:
    call = emulator.api.calls.create(to=VICKI, from_=LINE, twiml="<Response><Pause length='60'/></Response>")
    recordings = f"Calls/{call.sid}/Recordings"
    assert post(recordings) == (400, 21220)
    emulator.phone(VICKI, answers=True, after=1)
    call = emulator.api.calls.create(to=VICKI, from_=LINE, twiml="<Response><Pause length='60'/></Response>")
    recordings = f"Calls/{call.sid}/Recordings"
    emulator.run(2)
    sid = emulator.api.calls(call.sid).recordings.create().sid
    assert emulator.api.calls(call.sid).recordings.create().sid == sid
    assert post(f"{recordings}/{sid}", {}, "DELETE") == (400, 20009)
    assert post(f"{recordings}/{sid}", {}) == (400, 20001)
    assert post(f"{recordings}/{sid}", {"Status": "faster"}) == (400, 20001)
    assert post(f"{recordings}/{sid}", {"Status": "paused", "PauseBehavior": "sing"}) == (400, 20001)
    assert post(f"{recordings}/{sid}", {"Status": "stopped"}) == (200, None)
    assert post(f"{recordings}/{sid}", {"Status": "paused"}) == (400, 21220)


def test_a_body_that_cannot_be_read_is_400(emulator: Emulator) -> None:
    key = base64.b64encode(f"{ACCOUNT}:{TOKEN}".encode()).decode()
    connection = http.client.HTTPConnection(emulator.address, timeout=10)
    for kind in (
        "multipart/form-data",
        "multipart/form-data; boundary=x",
        "application/json",
        "text/plain; charset=no",
    ):
        headers = {"Authorization": f"Basic {key}", "Content-Type": kind}
        connection.request("POST", f"/2010-04-01/Accounts/{ACCOUNT}/Calls.json", b"\xff--\x00", headers)
        with connection.getresponse() as response:
            assert (response.status, json.loads(response.read())["status"]) == (400, 400)
    connection.close()
