"""<Conference>'s attributes and ends: https://www.twilio.com/docs/voice/twiml/conference"""

import pytest

from tests.emulator.harness import DANIELLE, HANG_UP, VICKI, App, Emulator, listen, pause, say
from tests.emulator.rooms import events, join, room


def beeps(emulator: Emulator, call: str) -> list[str]:
    return [one["on"] for one in emulator.log("beep", call=call)]


@pytest.mark.parametrize(
    ("beep", "heard"),
    [("true", ["onEnter", "onExit"]), ("false", []), ("onEnter", ["onEnter"]), ("onExit", ["onExit"])],
)
def test_the_room_hears_a_beep_as_the_one_who_comes_and_goes_asked_for(
    emulator: Emulator, app: App, beep: str, heard: list[str]
) -> None:
    app.pages["/answer"] = room('beep="false"')
    caller = emulator.dial()
    emulator.run(1)
    join(emulator, app, VICKI, room(f'beep="{beep}"'), pause(3), HANG_UP)
    emulator.run(5)
    assert beeps(emulator, caller) == heard


def test_nobody_hears_a_beep_before_the_conference_starts_or_on_hold(emulator: Emulator, app: App) -> None:
    app.pages["/answer"] = room('startConferenceOnEnter="false"')
    first = emulator.dial()
    second = emulator.dial(from_=DANIELLE)
    emulator.run(1)
    assert beeps(emulator, first) == []
    join(emulator, app, VICKI, room())
    assert beeps(emulator, first) == beeps(emulator, second) == ["onEnter"]
    (conference,) = emulator.api.conferences.list(status="in-progress")
    emulator.api.conferences(conference.sid).participants(first).update(hold=True)
    emulator.act(second, "hang_up")
    emulator.run(1)
    assert beeps(emulator, first) == ["onEnter"]


def test_a_muted_participant_hears_and_is_not_heard(emulator: Emulator, app: App) -> None:
    app.pages["/answer"] = room('muted="true"')
    caller = emulator.dial(pause(5), say("Can you hear me"))
    emulator.run(1)
    agent = join(emulator, app, VICKI, room(), pause(1), say("Good morning"))
    emulator.run(10)
    assert emulator.log("heard", call=agent) == []
    assert [one["words"] for one in emulator.log("heard", call=caller)] == ["Good morning"]


def test_a_coach_is_heard_by_the_one_they_coach_alone(emulator: Emulator, app: App) -> None:
    app.pages["/answer"] = room()
    caller = emulator.dial()
    emulator.run(1)
    agent = join(emulator, app, VICKI, room())
    coach = join(emulator, app, DANIELLE, room(f'coach="{agent}"'), pause(1), say("Offer a refund"))
    emulator.run(5)
    assert [one["words"] for one in emulator.log("heard", call=agent)] == ["Offer a refund"]
    assert emulator.log("heard", call=caller) == []
    joined = [one for one in app.to("/events") if one.get("CallSid") == coach]
    assert {one["Coaching"] for one in joined} == {"true"}


def test_a_coach_of_somebody_who_is_not_there_goes_to_the_action_with_13240(
    emulator: Emulator, app: App
) -> None:
    app.pages["/answer"] = room(f'coach="CA{"0" * 32}"')
    emulator.dial()
    emulator.run(1)
    assert emulator.errors() == [13240]
    assert app.to("/after")[0]["DialCallStatus"] == "failed"


def test_a_full_conference_takes_nobody_else(emulator: Emulator, app: App) -> None:
    app.pages["/answer"] = room('maxParticipants="1"')
    emulator.dial()
    emulator.run(1)
    second = emulator.dial(from_=VICKI)
    emulator.run(1)
    assert emulator.errors() == [16020]
    (after,) = app.to("/after")
    assert (after["CallSid"], after["DialCallStatus"]) == (second, "failed")


def test_a_conference_can_be_joined_by_its_sid(emulator: Emulator, app: App) -> None:
    app.pages["/answer"] = room()
    emulator.dial()
    emulator.run(1)
    (conference,) = emulator.api.conferences.list()
    join(emulator, app, VICKI, f"<Dial><Conference>{conference.sid}</Conference></Dial>")
    assert emulator.api.conferences(conference.sid).fetch().status == "in-progress"
    assert len(emulator.api.conferences.list()) == 1


def test_the_wait_method_is_post_unless_it_says_get(emulator: Emulator, app: App) -> None:
    app.pages["/answer"] = room('waitUrl="/wait" waitMethod="GET"')
    app.pages["/wait"] = "<Say>One moment</Say>"
    call = emulator.dial()
    emulator.run(3)
    waits = [one for one in app.seen if one.path.startswith("/wait")]
    assert [(one.method, one.params["CallSid"]) for one in waits] == [("GET", call)]


def test_a_wait_document_that_has_run_out_is_followed_by_silence(emulator: Emulator, app: App) -> None:
    app.pages["/answer"] = room('waitUrl="/wait"')
    app.pages["/wait"] = "<Say>One moment</Say>"
    call = emulator.dial()
    emulator.run(30)
    assert emulator.spoken_texts(call) == ["One moment"]
    assert emulator.leg(call)["hears"]["sound"] == "silence"


def test_an_empty_wait_url_is_silence_and_none_is_music(emulator: Emulator, app: App) -> None:
    app.pages["/answer"] = room('waitUrl=""')
    quiet = emulator.dial()
    emulator.run(1)
    app.pages["/answer"] = "<Dial><Conference>Room 2</Conference></Dial>"
    music = emulator.dial(from_=VICKI)
    emulator.run(1)
    assert emulator.leg(quiet)["hears"]["sound"] == "silence"
    assert emulator.leg(music)["hears"]["sound"] == "music"


def test_a_wait_url_that_fails_takes_the_caller_to_the_action(emulator: Emulator, app: App) -> None:
    app.pages["/answer"] = room('waitUrl="/wait"')
    app.pages["/wait"] = "<Nonsense"
    emulator.dial()
    emulator.run(1)
    left = next(one for one in app.to("/events") if one["StatusCallbackEvent"] == "participant-leave")
    assert left["ReasonParticipantLeft"] == "participant_add_failed"
    assert app.to("/after")


def test_every_event_comes_in_the_order_of_what_happens(emulator: Emulator, app: App) -> None:
    app.pages["/answer"] = room('participantLabel="caller"')
    caller = emulator.dial()
    emulator.run(1)
    join(emulator, app, VICKI, room('endConferenceOnExit="true"'), pause(6), say("Goodbye"), HANG_UP)
    (conference,) = emulator.api.conferences.list(status="in-progress")
    participant = emulator.api.conferences(conference.sid).participants(caller)
    participant.update(muted=True)
    participant.update(muted=False)
    participant.update(end_conference_on_exit=True)
    participant.update(hold=True)
    participant.update(hold=False)
    app.pages["/announce"] = "<Say>One minute left</Say>"
    participant.update(announce_url=f"{app.url}/announce")
    emulator.run(10)
    assert events(app) == [
        "participant-join", "participant-join", "conference-start", "participant-mute", "participant-unmute",
        "participant-modify", "participant-hold", "participant-unhold", "announcement-end",
        "participant-speech-start", "participant-speech-stop", "participant-leave", "participant-leave",
        "conference-end",
    ]  # fmt: skip
    told = app.to("/events")
    assert [int(one["SequenceNumber"]) for one in told] == list(range(1, 15))
    assert told[8]["AnnounceUrl"] == f"{app.url}/announce"
    assert (told[3]["Muted"], told[4]["Muted"], told[6]["Hold"], told[7]["Hold"]) == ("true", "false") * 2
    assert told[0]["ParticipantLabel"] == "caller"
    assert told[-1]["Reason"]


@pytest.mark.parametrize(
    ("asked", "names"),
    [
        ("join", {"participant-join"}),
        ("start end", {"conference-start", "conference-end"}),
        ("leave", {"participant-leave"}),
    ],
)
def test_only_the_events_that_were_asked_for_are_sent(
    emulator: Emulator, app: App, asked: str, names: set[str]
) -> None:
    noun = f'<Conference statusCallback="/events" statusCallbackEvent="{asked}">R</Conference>'
    app.pages["/answer"] = f"<Dial>{noun}</Dial>"
    emulator.dial(pause(5), HANG_UP)
    emulator.dial(pause(5), HANG_UP, from_=VICKI)
    emulator.run(10)
    assert set(events(app)) == names


def test_a_conference_that_the_api_ends_says_so(emulator: Emulator, app: App) -> None:
    app.pages["/answer"] = room()
    emulator.dial()
    emulator.run(1)
    join(emulator, app, VICKI, room())
    (conference,) = emulator.api.conferences.list(status="in-progress")
    emulator.api.conferences(conference.sid).update(status="completed")
    emulator.run(1)
    end = app.to("/events")[-1]
    assert (end["StatusCallbackEvent"], end["ReasonConferenceEnded"]) == (
        "conference-end",
        "conference-ended-via-api",
    )
    assert "CallSidEndingConference" not in end
    assert len(app.to("/after")) == 2


def test_the_old_event_callback_is_told_of_the_recording_at_the_end(emulator: Emulator, app: App) -> None:
    noun = '<Conference record="record-from-start" eventCallbackUrl="/old">R</Conference>'
    app.pages["/answer"] = f"<Dial>{noun}</Dial>"
    emulator.dial(pause(5), HANG_UP)
    emulator.dial(pause(5), HANG_UP, from_=VICKI)
    emulator.run(10)
    (told,) = app.to("/old")
    assert (told["EventName"], told["Duration"]) == ("conference-record-end", "5")
    assert int(told["RecordingFileSize"]) > 5 * 8000
    assert told["RecordingUrl"].endswith(emulator.api.recordings.list()[0].sid)


def test_with_a_recording_status_callback_the_old_one_is_not_asked(emulator: Emulator, app: App) -> None:
    callbacks = 'eventCallbackUrl="/old" recordingStatusCallback="/ready"'
    wanted = 'recordingStatusCallbackEvent="in-progress completed"'
    noun = f'<Conference record="record-from-start" {callbacks} {wanted}>R</Conference>'
    app.pages["/answer"] = f"<Dial>{noun}</Dial>"
    emulator.dial(pause(5), HANG_UP)
    emulator.dial(pause(5), HANG_UP, from_=VICKI)
    emulator.run(10)
    assert not app.to("/old")
    assert [one["RecordingStatus"] for one in app.to("/ready")] == ["in-progress", "completed"]


def test_a_dial_may_record_its_own_side_of_a_conference(emulator: Emulator, app: App) -> None:
    app.pages["/answer"] = room(dial='action="/after" record="record-from-answer-dual"')
    emulator.dial(pause(5), say("Hello"), HANG_UP)
    emulator.run(10)
    (after,) = app.to("/after")
    assert after["RecordingDuration"] == "5"
    (recording,) = emulator.api.recordings.list()
    assert (recording.source, recording.channels) == ("DialVerb", 2)


def test_the_time_limit_of_the_dial_ends_the_stay(emulator: Emulator, app: App) -> None:
    app.pages["/answer"] = room(dial='action="/after" timeLimit="20"')
    emulator.dial()
    emulator.run(19)
    assert not app.to("/after")
    emulator.run(2)
    assert app.to("/after")[0]["DialCallStatus"] == "answered"


def test_words_that_are_announced_are_heard_by_the_one_they_are_for(emulator: Emulator, app: App) -> None:
    app.pages["/answer"] = room()
    caller = emulator.dial(listen("one minute"), say("All right"))
    emulator.run(1)
    agent = join(emulator, app, VICKI, room())
    app.pages["/announce"] = "<Say>One minute left</Say>"
    (conference,) = emulator.api.conferences.list(status="in-progress")
    emulator.api.conferences(conference.sid).participants(caller).update(announce_url=f"{app.url}/announce")
    emulator.run(5)
    assert emulator.spoken_texts(caller) == ["One minute left"]
    assert emulator.spoken_texts(agent) == []
    assert [one["words"] for one in emulator.log("heard", call=agent)] == ["All right"]
