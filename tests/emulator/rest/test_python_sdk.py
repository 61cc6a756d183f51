"""Twilio's own Python SDK, unmodified: every resource is created, fetched, listed by stream(), updated and deleted.

Every answer it gets is checked against Twilio's description too (see harness.LocalHttpClient).
"""

import pytest
from twilio.base.exceptions import TwilioRestException
from twilio.rest import Client

from tests.emulator.harness import DANIELLE, LINE, LORI, VICKI, App, Emulator, pause, say

QUEUE = "<Enqueue waitUrl='/wait'>support</Enqueue>"
ROOM = "<Dial><Conference endConferenceOnExit='true'>Room</Conference></Dial>"


@pytest.fixture
def api(emulator: Emulator, app: App) -> Client:
    app.pages |= {"/out": QUEUE, "/wait": "<Pause length='600'/>", "/room": ROOM}
    for person in (VICKI, DANIELLE):
        emulator.phone(person, answers=True, after=1, script=[pause(2), say("Good morning everybody")])
    return emulator.api


@pytest.fixture
def call(emulator: Emulator, app: App, api: Client) -> str:
    """The sid of a call in progress, whose person waits in a queue."""
    made = api.calls.create(to=VICKI, from_=LINE, url=f"{app.url}/out")
    emulator.run(2)
    return str(made.sid)


def status_and_code(work: object) -> tuple[int, int]:
    with pytest.raises(TwilioRestException) as caught:
        work()  # type: ignore[operator]
    return caught.value.status, caught.value.code


def test_calls(emulator: Emulator, app: App, api: Client, call: str) -> None:
    others = [api.calls.create(to=DANIELLE, from_=LINE, twiml="<Response/>").sid for _ in range(3)]
    emulator.run(5)
    assert api.calls(call).fetch().status == "in-progress"
    assert [one.sid for one in api.calls.stream(page_size=2)] == [*others[::-1], call]
    assert [one.sid for one in api.calls.stream(to=VICKI, status="in-progress")] == [call]
    assert [one.sid for one in api.calls.stream(limit=2)] == others[:0:-1]
    api.calls(call).update(url=f"{app.url}/room", method="POST")
    emulator.run(1)
    assert app.to("/room")
    assert api.calls(call).update(status="completed").status == "completed"
    assert api.calls(call).delete()
    assert status_and_code(api.calls(call).fetch) == (404, 20404)


def test_queues_and_members(emulator: Emulator, app: App, api: Client, call: str) -> None:
    other = api.queues.create(friendly_name="Other", max_size=2)
    assert [one.friendly_name for one in api.queues.stream(page_size=1)] == ["Other", "support"]
    assert api.queues(other.sid).update(friendly_name="Another").friendly_name == "Another"
    (support,) = (one for one in api.queues.stream() if one.friendly_name == "support")
    assert (support.fetch().current_size, support.average_wait_time) == (1, 1)
    assert [one.call_sid for one in support.members.stream()] == [call]
    assert support.members("Front").fetch().call_sid == support.members(call).fetch().call_sid == call
    support.members(call).update(url=f"{app.url}/room")
    emulator.run(1)
    assert app.to("/room")[0]["CallSid"] == call
    assert api.queues(other.sid).delete()
    assert status_and_code(api.queues(other.sid).fetch) == (404, 20404)


def test_conferences_and_participants(emulator: Emulator, app: App, api: Client, call: str) -> None:
    api.calls(call).update(url=f"{app.url}/room")
    emulator.run(1)
    (room,) = api.conferences.stream(status="init", friendly_name="Room")
    invited = room.participants.create(
        to=DANIELLE, from_=LINE, label="danielle", end_conference_on_exit=False
    )
    emulator.run(3)
    assert room.fetch().status == "in-progress"
    assert [one.call_sid for one in room.participants.stream(page_size=1)] == [call, invited.call_sid]
    changed = room.participants("danielle").update(muted=True, hold=True)
    assert (changed.muted, changed.hold) == (True, True)
    assert room.participants(invited.call_sid).fetch().label == "danielle"
    assert room.participants(invited.call_sid).delete()
    emulator.run(0)
    assert status_and_code(room.participants(invited.call_sid).fetch) == (404, 20404)
    assert room.update(status="completed").reason_conference_ended == "conference-ended-via-api"


def test_messages_and_their_media(emulator: Emulator, api: Client) -> None:
    pictures = ["https://example.com/1.jpg", "https://example.com/2.jpg"]
    made = api.messages.create(to=LORI, from_=LINE, body="Look", media_url=pictures)
    assert (made.sid[:2], made.num_media) == ("MM", "2")
    assert status_and_code(api.messages(made.sid).delete) == (409, 20009)
    emulator.run(3)
    assert made.fetch().status == "delivered"
    assert [one.sid for one in api.messages.stream(to=LORI, from_=LINE)] == [made.sid]
    first, second = made.media.stream(page_size=1)
    assert made.media(first.sid).fetch().parent_sid == made.sid
    assert made.media(first.sid).delete()
    assert [one.sid for one in made.media.stream()] == [second.sid]
    assert made.feedback.create(outcome="confirmed").outcome == "confirmed"
    assert made.update(body="").body == ""
    assert api.messages(made.sid).delete()
    assert status_and_code(api.messages(made.sid).fetch) == (404, 20404)


def test_recordings(emulator: Emulator, api: Client, call: str) -> None:
    made = api.calls(call).recordings.create(recording_channels="dual")
    emulator.run(10)
    assert api.recordings(made.sid).fetch().channels == 2
    assert [one.status for one in api.calls(call).recordings.stream()] == ["in-progress"]
    assert api.calls(call).recordings("Twilio.CURRENT").update(status="stopped").status == "stopped"
    emulator.run(2)
    assert [(one.sid, one.duration) for one in api.recordings.stream(call_sid=call)] == [(made.sid, "10")]
    assert api.recordings(made.sid).delete()
    assert status_and_code(api.recordings(made.sid).fetch) == (404, 20404)


def test_numbers_and_applications(emulator: Emulator, app: App, api: Client) -> None:
    app.pages["/from-the-application"] = "<Say>Hello</Say>"
    application = api.applications.create(
        friendly_name="Line", voice_url=f"{app.url}/from-the-application", sms_url=f"{app.url}/text"
    )
    number = api.incoming_phone_numbers.create(phone_number="+18005550123")
    assert [one.sid for one in api.incoming_phone_numbers.toll_free.stream()] == [number.sid]
    assert [one.phone_number for one in api.incoming_phone_numbers.local.stream()] == [LINE]
    assert api.incoming_phone_numbers.mobile.list() == []
    assert len(list(api.incoming_phone_numbers.stream(page_size=1))) == 2
    assert [one.sid for one in api.incoming_phone_numbers.stream(phone_number="800***0123")] == [number.sid]
    (own,) = api.incoming_phone_numbers.stream(phone_number=LINE)
    assert own.update(voice_application_sid=application.sid).voice_application_sid == application.sid
    spoken_to = emulator.dial()
    emulator.run(2)
    assert emulator.spoken_texts(spoken_to) == ["Hello"]
    assert application.update(friendly_name="The line").friendly_name == "The line"
    assert [one.sid for one in api.applications.stream(friendly_name="The line")] == [application.sid]
    called = api.calls.create(to=VICKI, from_=LINE, application_sid=application.sid)
    emulator.run(3)
    assert app.to("/from-the-application")[-1]["CallSid"] == called.sid
    assert application.delete()
    assert number.delete()
    assert status_and_code(api.applications(application.sid).fetch) == (404, 20404)
    assert status_and_code(api.incoming_phone_numbers(number.sid).fetch) == (404, 20404)


def test_the_account_and_what_was_noted_about_its_calls(emulator: Emulator, app: App, api: Client) -> None:
    app.pages["/answer"] = "<Gather numDigits='none'/>"
    call = emulator.dial()
    emulator.run(10)
    assert [one.sid for one in api.api.v2010.accounts.stream()] == [api.account_sid]
    assert api.api.v2010.accounts(api.account_sid).fetch().status == "active"
    noted = list(api.calls(call).notifications.stream(page_size=1))
    assert noted
    assert api.calls(call).notifications(noted[0].sid).fetch().error_code == noted[0].error_code
    asked = [one.request["url"] for one in api.calls(call).events.stream()]
    assert asked[0] == f"{app.url}/answer"
