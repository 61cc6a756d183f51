"""https://www.twilio.com/docs/voice/api/conference-resource and /conference-participant-resource"""

import pytest
from twilio.base.exceptions import TwilioRestException

from tests.emulator.harness import LINE, VICKI, App, Emulator
from tests.emulator.rooms import events, join, room


@pytest.fixture
def talk(emulator: Emulator, app: App) -> tuple[str, str, str]:
    """The sids of a conference of two, the caller and the agent."""
    app.pages["/answer"] = room()
    caller = emulator.dial()
    emulator.run(1)
    agent = join(emulator, app, VICKI, room())
    return emulator.api.conferences.list(status="in-progress")[0].sid, caller, agent


def test_completing_a_conference_sends_everybody_on(
    emulator: Emulator, app: App, talk: tuple[str, str, str]
) -> None:
    conference, caller, agent = talk
    emulator.api.conferences(conference).update(status="completed")
    emulator.run(1)
    assert {one["CallSid"] for one in app.to("/after")} == {caller, agent}
    assert app.to("/events")[-1]["ReasonConferenceEnded"] == "conference-ended-via-api"
    leaves = [one for one in app.to("/events") if one["StatusCallbackEvent"] == "participant-leave"]
    assert {one["ReasonParticipantLeft"] for one in leaves} == {"conference_ended_via_api"}
    with pytest.raises(TwilioRestException) as caught:
        emulator.api.conferences(conference).update(status="completed")
    assert caught.value.code == 16022


def test_a_participant_who_has_left_is_20404(emulator: Emulator, talk: tuple[str, str, str]) -> None:
    conference, caller, _ = talk
    emulator.act(caller, "hang_up")
    emulator.run(0)
    with pytest.raises(TwilioRestException) as caught:
        emulator.api.conferences(conference).participants(caller).update(hold=True)
    assert caught.value.code == 20404


def test_a_muted_participant_is_not_heard(emulator: Emulator, app: App, talk: tuple[str, str, str]) -> None:
    conference, caller, agent = talk
    participant = emulator.api.conferences(conference).participants(agent)
    assert participant.update(muted=True).muted is True
    emulator.act(agent, "say", words="Nobody hears me")
    emulator.run(3)
    assert not emulator.log("heard", call=caller)
    participant.update(muted=False)
    emulator.run(0)
    assert events(app)[-2:] == ["participant-mute", "participant-unmute"]


def test_an_announcement_is_heard_by_one_and_its_end_is_an_event(
    emulator: Emulator, app: App, talk: tuple[str, str, str]
) -> None:
    conference, caller, agent = talk
    app.pages["/announce"] = "<Say>You have one minute</Say>"
    emulator.api.conferences(conference).participants(agent).update(announce_url=f"{app.url}/announce")
    emulator.run(3)
    assert emulator.spoken_texts(agent) == ["You have one minute"]
    assert not emulator.spoken_texts(caller)
    assert events(app)[-1] == "announcement-end"
    assert emulator.leg(agent)["hears"]["sound"] == "conference"


def test_coaching_changes_who_is_heard_and_is_an_event(
    emulator: Emulator, app: App, talk: tuple[str, str, str]
) -> None:
    conference, caller, agent = talk
    participants = emulator.api.conferences(conference).participants
    changed = participants(agent).update(coaching=True, call_sid_to_coach=caller)
    assert (changed.coaching, changed.call_sid_to_coach) == (True, caller)
    participants(caller).update(hold=True)
    emulator.run(0)
    assert "participant-modify" in events(app)
    with pytest.raises(TwilioRestException) as caught:
        participants(agent).update(coaching=True, call_sid_to_coach=caller)
    assert caught.value.code == 16027
    with pytest.raises(TwilioRestException) as caught:
        participants(agent).update(coaching=True, call_sid_to_coach="CA1")
    assert caught.value.code == 16028


def test_a_label_in_use_refuses_another_participant(emulator: Emulator, talk: tuple[str, str, str]) -> None:
    participants = emulator.api.conferences(talk[0]).participants
    participants.create(to="+15550144444", from_=LINE, label="supervisor")
    with pytest.raises(TwilioRestException) as caught:
        participants.create(to="+15550155555", from_=LINE, label="supervisor")
    assert caught.value.code == 16026


def test_a_participant_who_does_not_answer_never_joins(
    emulator: Emulator, talk: tuple[str, str, str]
) -> None:
    participants = emulator.api.conferences(talk[0]).participants
    added = participants.create(to="+15550144444", from_=LINE, timeout=10)
    emulator.run(5)
    assert participants(added.call_sid).fetch().status == "ringing"
    emulator.run(20)
    assert emulator.api.calls(added.call_sid).fetch().status == "no-answer"
    assert added.call_sid not in {one.call_sid for one in participants.list()}


def test_participants_are_filtered_by_hold_and_muted(emulator: Emulator, talk: tuple[str, str, str]) -> None:
    conference, caller, agent = talk
    participants = emulator.api.conferences(conference).participants
    participants(caller).update(hold=True)
    assert [one.call_sid for one in participants.list(hold=True)] == [caller]
    assert [one.call_sid for one in participants.list(hold=False)] == [agent]
    assert participants.list(muted=True) == []


def test_a_name_that_is_not_a_room_yet_becomes_one_by_adding_somebody(emulator: Emulator, app: App) -> None:
    emulator.phone(VICKI, answers=True, after=1)
    added = emulator.api.conferences("New room").participants.create(
        to=VICKI, from_=LINE, conference_status_callback=f"{app.url}/events"
    )
    emulator.run(3)
    assert not events(app)
    (conference,) = emulator.api.conferences.list(friendly_name="New room")
    assert conference.sid == added.conference_sid
    assert emulator.leg(added.call_sid)["hears"]["sound"] == "music"
    emulator.act(added.call_sid, "hang_up")
    emulator.run(0)
    assert events(app) == ["conference-end"]
