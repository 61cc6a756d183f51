"""https://www.twilio.com/docs/voice/api/conference-participant-resource: hold and coach."""

from tests.emulator.harness import (
    DANIELLE,
    VICKI,
    App,
    Emulator,
)  # fmt: skip
from tests.emulator.rooms import events, join, room


def test_one_on_hold_hears_the_hold_document_by_get_and_hears_nobody(emulator: Emulator, app: App) -> None:
    app.pages["/answer"] = room()
    app.pages["/hold"] = "<Say>You are on hold</Say><Pause length='20'/>"
    caller = emulator.dial()
    emulator.run(1)
    agent = join(emulator, app, VICKI, room())
    (conference,) = emulator.api.conferences.list(status="in-progress")
    held = (
        emulator.api.conferences(conference.sid)
        .participants(caller)
        .update(hold=True, hold_url=f"{app.url}/hold")
    )
    emulator.run(3)
    assert held.hold is True
    assert next(one for one in app.seen if one.path.startswith("/hold")).method == "GET"
    emulator.act(agent, "say", words="Can you hear me")
    emulator.run(2)
    emulator.act(caller, "say", words="Is anybody there")
    emulator.run(2)
    assert emulator.spoken_texts(caller) == ["You are on hold"]
    assert not emulator.log("heard")
    emulator.api.conferences(conference.sid).participants(caller).update(hold=False)
    emulator.run(1)
    assert events(app)[-2:] == ["participant-hold", "participant-unhold"]
    assert emulator.leg(caller)["hears"]["sound"] == "conference"


def test_one_taken_off_hold_before_the_start_waits_again(emulator: Emulator, app: App) -> None:
    app.pages["/answer"] = room()
    caller = emulator.dial()
    emulator.run(1)
    (conference,) = emulator.api.conferences.list()
    participant = emulator.api.conferences(conference.sid).participants(caller)
    participant.update(hold=True, hold_url="")
    participant.update(hold=False)
    assert emulator.leg(caller)["hears"]["sound"] == "music"


def test_end_conference_on_exit_of_a_held_participant_is_silently_not_changed(
    emulator: Emulator, app: App
) -> None:
    app.pages["/answer"] = room()
    caller = emulator.dial()
    emulator.run(1)
    join(emulator, app, VICKI, room())
    (conference,) = emulator.api.conferences.list(status="in-progress")
    participant = emulator.api.conferences(conference.sid).participants(caller)
    participant.update(hold=True)
    assert participant.update(end_conference_on_exit=True).end_conference_on_exit is False
    participant.update(hold=False)
    assert participant.update(end_conference_on_exit=True).end_conference_on_exit is True


def test_a_coach_is_heard_only_by_the_one_they_coach(emulator: Emulator, app: App) -> None:
    app.pages["/answer"] = room()
    caller = emulator.dial()
    emulator.run(1)
    agent = join(emulator, app, VICKI, room())
    supervisor = join(emulator, app, DANIELLE, room(f'coach="{agent}"'))
    emulator.act(supervisor, "say", words="Offer her a refund")
    emulator.run(3)
    assert [one["words"] for one in emulator.log("heard", call=agent)] == ["Offer her a refund"]
    assert not emulator.log("heard", call=caller)


def test_coaching_somebody_who_is_not_there_is_error_13240(emulator: Emulator, app: App) -> None:
    app.pages["/answer"] = room('coach="CA00000000000000000000000000000000"')
    emulator.dial()
    emulator.run(1)
    assert emulator.errors() == [13240]
    assert app.to("/after")[0]["DialCallStatus"] == "failed"
