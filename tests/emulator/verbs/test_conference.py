"""https://www.twilio.com/docs/voice/twiml/conference"""

from tests.emulator.harness import (
    BRIDGED,
    DANIELLE,
    HANG_UP,
    LINE,
    LORI,
    VICKI,
    App,
    Emulator,
    pause,
    press,
    say,
)  # fmt: skip
from tests.emulator.rooms import events, join, room


def test_a_conference_starts_when_two_are_in_it_and_one_of_them_may_start_it(
    emulator: Emulator, app: App
) -> None:
    app.pages["/answer"] = room('startConferenceOnEnter="false"')
    emulator.dial()
    emulator.run(1)
    join(emulator, app, VICKI, room('startConferenceOnEnter="false"'))
    assert events(app) == ["participant-join", "participant-join"]
    (conference,) = emulator.api.conferences.list(friendly_name="Room 1")
    assert conference.status == "init"
    join(emulator, app, DANIELLE, room())
    assert events(app)[-2:] == ["participant-join", "conference-start"]
    assert emulator.api.conferences(conference.sid).fetch().status == "in-progress"


def test_the_first_participant_fixes_where_events_go(emulator: Emulator, app: App) -> None:
    app.pages["/answer"] = room()
    emulator.dial()
    emulator.run(1)
    other = '<Dial><Conference statusCallback="/others" statusCallbackEvent="join">Room 1</Conference></Dial>'
    join(emulator, app, VICKI, other)
    assert not app.to("/others")
    assert events(app) == ["participant-join", "participant-join", "conference-start"]


def test_events_without_names_are_sent_for_nothing(emulator: Emulator, app: App) -> None:
    app.pages["/answer"] = '<Dial><Conference statusCallback="/events">Room 1</Conference></Dial>'
    emulator.dial()
    emulator.run(1)
    assert not app.to("/events")


def test_when_one_leaves_who_ends_the_conference_the_others_go_on_at_their_action(
    emulator: Emulator, app: App
) -> None:
    app.pages["/answer"] = room('participantLabel="customer"')
    app.pages["/after"] = "<Say>Anything else?</Say>"
    caller = emulator.dial()
    emulator.run(1)
    agent = join(
        emulator,
        app,
        VICKI,
        room('endConferenceOnExit="true" participantLabel="agent"', ""),
        pause(5),
        HANG_UP,
    )
    emulator.run(10)
    (after,) = app.to("/after")
    assert after["DialCallStatus"] == "answered"
    assert after["CallStatus"] == "in-progress"
    assert "DialCallSid" not in after
    assert emulator.spoken_texts(caller) == ["Anything else?"]
    end = app.to("/events")[-1]
    assert end["StatusCallbackEvent"] == "conference-end"
    assert end["ReasonConferenceEnded"] == "participant-with-end-conference-on-exit-left"
    assert end["CallSidEndingConference"] == agent
    assert end["ParticipantLabelEndingConference"] == "agent"
    leaves = [one for one in app.to("/events") if one["StatusCallbackEvent"] == "participant-leave"]
    assert [(one["ParticipantLabel"], one["ReasonParticipantLeft"]) for one in leaves] == [
        ("agent", "participant_hung_up"),
        ("customer", "moderator_ended_conference"),
    ]
    (ended,) = emulator.api.conferences.list(status="completed")
    assert ended.call_sid_ending_conference == agent


def test_without_it_who_remains_stays_and_hears_silence(emulator: Emulator, app: App) -> None:
    app.pages["/answer"] = room()
    caller = emulator.dial()
    emulator.run(1)
    join(emulator, app, VICKI, room(), pause(1), HANG_UP)
    emulator.run(5)
    leg = emulator.leg(caller)
    assert leg["hears"]["sound"] == "silence"
    assert leg["silent_since"] is not None
    assert emulator.api.conferences.list(friendly_name="Room 1")[0].status == "in-progress"


def test_the_last_to_leave_ends_the_conference(emulator: Emulator, app: App) -> None:
    app.pages["/answer"] = room()
    emulator.dial(pause(3), HANG_UP)
    emulator.run(5)
    assert app.to("/events")[-1]["ReasonConferenceEnded"] == "last-participant-left"


def test_hangup_on_star_leaves_the_room_and_says_answered(emulator: Emulator, app: App) -> None:
    app.pages["/answer"] = room(dial='action="/after" hangupOnStar="true"')
    emulator.dial(pause(1), press("*"))
    emulator.run(3)
    assert app.to("/after")[0]["DialCallStatus"] == "answered"


def test_keys_in_a_conference_go_nowhere(emulator: Emulator, app: App) -> None:
    app.pages["/answer"] = room()
    emulator.dial(pause(1), press("*"), press("1"))
    emulator.run(3)
    assert not app.to("/after")


def test_a_duplicate_label_adds_nobody_and_falls_to_the_next_verb(emulator: Emulator, app: App) -> None:
    app.pages["/answer"] = room('participantLabel="customer"')
    emulator.dial()
    emulator.run(1)
    second = emulator.dial(from_=VICKI)
    emulator.run(3)
    assert 16025 in emulator.errors()
    assert events(app) == ["participant-join"]
    assert emulator.spoken_texts(second) == ["Unreachable."]
    assert not app.to("/after")


def test_sequence_numbers_grow_by_one_through_all_events(emulator: Emulator, app: App) -> None:
    app.pages["/answer"] = room()
    emulator.dial()
    emulator.run(1)
    join(emulator, app, VICKI, room(), BRIDGED, say("Good morning"), HANG_UP)
    emulator.run(5)
    numbers = [int(one["SequenceNumber"]) for one in app.to("/events")]
    assert numbers == list(range(1, len(numbers) + 1))
    assert "participant-speech-start" in events(app)


def test_words_are_heard_by_the_others_in_the_room(emulator: Emulator, app: App) -> None:
    app.pages["/answer"] = room()
    caller = emulator.dial()
    emulator.run(1)
    join(emulator, app, VICKI, room(), BRIDGED, say("Good morning"))
    emulator.run(5)
    assert [one["words"] for one in emulator.log("heard", call=caller)] == ["Good morning"]


def test_whoever_waits_hears_the_wait_document_until_the_conference_starts(
    emulator: Emulator, app: App
) -> None:
    app.pages["/answer"] = room('waitUrl="/wait"')
    app.pages["/wait"] = "<Say>One moment</Say><Redirect/>"
    caller = emulator.dial()
    emulator.run(3)
    assert emulator.spoken_texts(caller) == ["One moment"] * 4
    assert {one.method for one in app.seen if one.path == "/wait"} == {"POST"}
    join(emulator, app, VICKI, room())
    heard = len(emulator.spoken_texts(caller))
    emulator.run(10)
    assert len(emulator.spoken_texts(caller)) == heard
    assert emulator.leg(caller)["hears"]["sound"] == "conference"


def test_a_wait_document_that_gathers_is_an_error_and_the_caller_leaves_the_room(
    emulator: Emulator, app: App
) -> None:
    app.pages["/answer"] = room('waitUrl="/wait"')
    app.pages["/wait"] = "<Gather/>"
    emulator.dial()
    emulator.run(1)
    assert emulator.errors() == [13238]
    assert app.to("/after")[0]["DialCallStatus"] == "answered"


def test_a_redirect_requests_the_old_action_first_and_leaves_its_answer_unused(
    emulator: Emulator, app: App
) -> None:
    app.pages["/answer"] = room()
    app.pages["/after"] = "<Say>Not this.</Say>"
    app.pages["/elsewhere"] = "<Say>But this.</Say>"
    caller = emulator.dial()
    emulator.run(1)
    emulator.api.calls(caller).update(url=f"{app.url}/elsewhere")
    emulator.run(3)
    asked = [path for path in app.paths() if path in {"/after", "/elsewhere"}]
    assert asked == ["/after", "/elsewhere"]
    assert app.to("/after")[0]["DialCallStatus"] == "completed"
    assert emulator.spoken_texts(caller) == ["But this."]
    left = next(one for one in app.to("/events") if one["StatusCallbackEvent"] == "participant-leave")
    assert left["ReasonParticipantLeft"] == "participant_updated_via_api"


def test_somebody_added_by_the_api_is_called_and_joins_when_they_answer(emulator: Emulator, app: App) -> None:
    app.pages["/answer"] = room()
    emulator.dial()
    emulator.run(1)
    emulator.phone(VICKI, answers=True, after=3)
    (conference,) = emulator.api.conferences.list(friendly_name="Room 1")
    added = emulator.api.conferences(conference.sid).participants.create(
        to=VICKI, from_=LINE, label="agent", end_conference_on_exit=True
    )
    assert added.status == "queued"
    emulator.run(1)
    assert events(app) == ["participant-join"]
    emulator.run(3)
    assert events(app) == ["participant-join", "participant-join", "conference-start"]
    fetched = emulator.api.conferences(conference.sid).participants("agent").fetch()
    assert (fetched.call_sid, fetched.status) == (added.call_sid, "connected")


def test_one_removed_by_the_api_goes_on_at_their_action(emulator: Emulator, app: App) -> None:
    app.pages["/answer"] = room('endConferenceOnExit="true"')
    caller = emulator.dial()
    emulator.run(1)
    join(emulator, app, VICKI, room())
    (conference,) = emulator.api.conferences.list(status="in-progress")
    assert emulator.api.conferences(conference.sid).participants(caller).delete()
    emulator.run(1)
    assert app.to("/events")[-1]["ReasonConferenceEnded"] == "participant-with-end-conference-on-exit-kicked"
    assert len(app.to("/after")) == 2


def test_a_caller_who_hangs_up_in_the_room_still_has_their_action_requested(
    emulator: Emulator, app: App
) -> None:
    app.pages["/answer"] = room()
    emulator.dial(pause(1), HANG_UP, from_=LORI)
    emulator.run(3)
    assert app.to("/after")[0]["CallStatus"] == "completed"
