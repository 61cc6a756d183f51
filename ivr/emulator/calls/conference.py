"""A conference room: who is in it, when it starts and ends, what each of them hears, and the events about it."""

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass, field
from typing import Any

from ivr.emulator.calls.leg import CallLeg
from ivr.emulator.calls.signals import StatusCallback, TwimlSource
from ivr.emulator.runtime.exchange import Exchange
from ivr.emulator.runtime.faults import FaultKind, RequestKind
from ivr.emulator.webhooks.request import WebhookRequest

TwimlPlayer = Callable[["Participant", TwimlSource, bool], Coroutine[Any, Any, bool]]
DEFAULT_MUSIC = "https://s3.amazonaws.com/com.twilio.sounds.music/index.xml"


@dataclass(kw_only=True, eq=False)
class Participant:
    leg: CallLeg
    label: str = ""
    muted: bool = False
    hold: bool = False
    coached_call_sid: str = ""  # CallSid of the one who hears them
    starts_on_enter: bool = True
    ends_on_exit: bool = False
    beep: str = "true"
    wait_twiml: TwimlSource | None = field(
        default_factory=lambda: TwimlSource(url=DEFAULT_MUSIC, method="GET")
    )
    joined_at: float = 0.0
    updated_at: float = 0.0
    visible_at: float = 0.0  # when lists begin to show them
    departed: asyncio.Event = field(default_factory=asyncio.Event)
    music_task: asyncio.Task[None] | None = None


@dataclass(kw_only=True, eq=False)
class Conference:
    exchange: Exchange
    sid: str
    name: str
    play_twiml: TwimlPlayer
    created_at: float
    updated_at: float = 0.0
    visible_at: float = 0.0
    status: str = "init"
    participants: dict[str, Participant] = field(default_factory=dict)
    invited: dict[str, Participant] = field(default_factory=dict)  # rung by the API, not yet here
    status_callback: StatusCallback | None = None
    record_words: Callable[[str], None] | None = None
    on_start: list[Callable[[], object]] = field(default_factory=list)
    on_end: list[Callable[[], object]] = field(default_factory=list)
    end_reason: str | None = None
    ended_by: Participant | None = None
    max_participants: int = 250
    _sequence: int = 0

    def join(self, participant: Participant) -> None:
        leg = participant.leg
        participant.joined_at = participant.updated_at = participant.visible_at = self.exchange.now
        if fault := self.exchange.faults.trigger(
            RequestKind.REST, f"Participants/{self.name}", FaultKind.HIDDEN
        ):
            participant.visible_at += fault.seconds
        self.participants[leg.sid] = participant
        leg.connection = self
        leg.log("conference_join", conference=self.sid, name=self.name, label=participant.label)
        self._send_event("participant-join", participant)
        if self.status == "in-progress":
            self._update_hearing()
            self._beep(participant, "onEnter")
        elif len(self.participants) >= 2 and any(one.starts_on_enter for one in self.participants.values()):
            self._start()
            self._beep(participant, "onEnter")
        else:
            self._start_music(participant, participant.wait_twiml, fatal=True)

    def leave(self, participant: Participant, reason: str, *, kicked: bool = False) -> None:
        """One goes; the room ends with the last, or with one whose leaving ends it."""
        if participant.leg.sid not in self.participants:
            return
        self._remove(participant, reason)
        if self.status == "in-progress":
            self._beep(participant, "onExit")
        how = "kicked" if kicked else "left"
        if participant.ends_on_exit and self.participants:
            self.end(f"participant-with-end-conference-on-exit-{how}", participant)
        elif not self.participants:
            ending = (
                "participant-with-end-conference-on-exit" if participant.ends_on_exit else "last-participant"
            )
            self.end(f"{ending}-{how}", participant)
        else:
            self._update_hearing()

    def list_participants(self) -> list[Participant]:
        return [*self.participants.values(), *self.invited.values()]

    def end(self, reason: str, ended_by: Participant | None = None) -> None:
        if self.status == "completed":
            return
        self.status, self.end_reason, self.ended_by = "completed", reason, ended_by
        why = "conference_ended_via_api" if ended_by is None else "moderator_ended_conference"
        for other in list(self.participants.values()):
            self._remove(other, why)
        self._send_event(
            "conference-end",
            None,
            {"ReasonConferenceEnded": reason, "Reason": reason.replace("-", " ")} | self._ended_by_params(),
        )
        for follow in self.on_end:
            follow()
        self.exchange.event_log.write("conference_end", conference=self.sid, name=self.name, reason=reason)

    def set_hold(self, participant: Participant, hold: bool, music: TwimlSource | None) -> None:
        changed, participant.hold = participant.hold is not hold, hold
        if changed:
            self._send_event("participant-hold" if hold else "participant-unhold", participant)
            participant.leg.log("held" if hold else "unheld", conference=self.sid)
        if hold:
            self._start_music(participant, music, fatal=False)
        else:
            self._stop_music(participant)
            if self.status == "init":
                self._start_music(participant, participant.wait_twiml, fatal=True)
        self._update_hearing()

    def set_muted(self, participant: Participant, muted: bool) -> None:
        if participant.muted is not muted:
            participant.muted = muted
            self._send_event("participant-mute" if muted else "participant-unmute", participant)

    def on_modified(self, participant: Participant) -> None:
        self._send_event("participant-modify", participant)
        self._update_hearing()

    def play_announcement(self, participant: Participant, source: TwimlSource) -> None:
        self.exchange.spawn(self._run_announcement(participant, source))

    # Room

    def list_hearers(self, leg: CallLeg) -> Sequence[CallLeg]:
        speaker = self.participants.get(leg.sid)
        if speaker is None or self.status != "in-progress" or speaker.muted or speaker.hold:
            return []
        others = [one for one in self.participants.values() if one is not speaker and not one.hold]
        if speaker.coached_call_sid:
            others = [one for one in others if one.leg.sid == speaker.coached_call_sid]
        return [one.leg for one in others]

    def on_speech(self, leg: CallLeg, words: str, *, began: bool) -> None:
        speaker = self.participants.get(leg.sid)
        if speaker and self.list_hearers(leg):
            if self.record_words and not began:
                self.record_words(words)
            self._send_event("participant-speech-start" if began else "participant-speech-stop", speaker)

    # What follows

    def _start(self) -> None:
        self.status = "in-progress"
        self.touch()
        for one in self.participants.values():
            if not one.hold:
                self._stop_music(one)
        self.exchange.event_log.write("conference_start", conference=self.sid, name=self.name)
        for follow in self.on_start:
            follow()
        self._send_event("conference-start", None)
        self._update_hearing()

    def _beep(self, participant: Participant, occasion: str) -> None:
        """Heard by everybody who is not on hold, as the one who comes or goes has asked for."""
        if participant.beep not in {"true", occasion}:
            return
        for one in self.participants.values():
            if not one.hold:
                one.leg.log("beep", conference=self.sid, on=occasion, by=participant.leg.sid)

    def _remove(self, participant: Participant, reason: str) -> None:
        leg = participant.leg
        del self.participants[leg.sid]
        self._stop_music(participant)
        leg.connection = None
        leg.hearing.set_sound("silence")
        leg.log("conference_leave", conference=self.sid, name=self.name, reason=reason)
        more = {"ReasonParticipantLeft": reason, "ParticipantCallStatus": leg.status}
        self._send_event("participant-leave", participant, more)
        participant.departed.set()

    def _update_hearing(self) -> None:
        """In a started room one hears the others; alone, nothing."""
        if self.status != "in-progress":
            return
        for one in self.participants.values():
            if one.music_task is None:
                others = [x.leg.who for x in self.participants.values() if x is not one and not x.hold]
                one.leg.hearing.set_sound("conference" if others else "silence", ", ".join(others))

    def _start_music(self, participant: Participant, source: TwimlSource | None, *, fatal: bool) -> None:
        self._stop_music(participant)
        if source is None:
            return
        if source.url == DEFAULT_MUSIC:
            participant.leg.hearing.set_sound("music", DEFAULT_MUSIC)
            return
        participant.music_task = self.exchange.spawn(self._play_or_remove(participant, source, fatal))

    def _stop_music(self, participant: Participant) -> None:
        if participant.music_task:
            participant.music_task.cancel()
            participant.music_task = None
        participant.leg.hearing.set_sound("silence")

    async def _play_or_remove(self, participant: Participant, source: TwimlSource, fatal: bool) -> None:
        well = await self.play_twiml(participant, source, fatal)
        if not well and fatal:
            self.leave(participant, "participant_add_failed")

    async def _run_announcement(self, participant: Participant, source: TwimlSource) -> None:
        well = await self.play_twiml(participant, source, False)
        more = (
            {"AnnounceUrl": source.url}
            if well
            else {"AnnounceUrl": source.url, "ReasonAnnouncementFailed": "no TwiML"}
        )
        self._send_event("announcement-end" if well else "announcement-fail", participant, more)
        self._update_hearing()

    def touch(self) -> None:
        self.updated_at = self.exchange.now

    def _ended_by_params(self) -> dict[str, str]:
        if self.ended_by is None:
            return {}
        params = {"CallSidEndingConference": self.ended_by.leg.sid}
        return params | (
            {"ParticipantLabelEndingConference": self.ended_by.label} if self.ended_by.label else {}
        )

    def _send_event(
        self, name: str, participant: Participant | None, extra_params: dict[str, str] | None = None
    ) -> None:
        self.touch()
        self._sequence += 1
        if self.status_callback is None or EVENT_GROUPS[name] not in self.status_callback.events:
            return
        params = {
            "ConferenceSid": self.sid,
            "FriendlyName": self.name,
            "AccountSid": self.exchange.account_sid,
            "SequenceNumber": str(self._sequence),
            "Timestamp": self.exchange.timestamp(),
            "StatusCallbackEvent": name,
            **(_participant_params(participant) if participant else {}),
            **(extra_params or {}),
        }
        hook = WebhookRequest(
            url=self.status_callback.url, method=self.status_callback.method, params=params, error_code=16011
        )
        if participant:
            leg = participant.leg
            hook.call_sid, hook.who, hook.hang_up = leg.sid, leg.who, leg.hang_up
        self.exchange.send_callback(self.sid, hook)


EVENT_GROUPS = {
    "conference-start": "start",
    "conference-end": "end",
    "participant-join": "join",
    "participant-leave": "leave",
    "participant-mute": "mute",
    "participant-unmute": "mute",
    "participant-hold": "hold",
    "participant-unhold": "hold",
    "participant-modify": "modify",
    "participant-speech-start": "speaker",
    "participant-speech-stop": "speaker",
    "announcement-end": "announcement",
    "announcement-fail": "announcement",
}


def _participant_params(participant: Participant) -> dict[str, str]:
    facts = {
        "CallSid": participant.leg.sid,
        "Muted": str(participant.muted).lower(),
        "Hold": str(participant.hold).lower(),
        "Coaching": str(bool(participant.coached_call_sid)).lower(),
        "EndConferenceOnExit": str(participant.ends_on_exit).lower(),
        "StartConferenceOnEnter": str(participant.starts_on_enter).lower(),
    }
    return facts | ({"ParticipantLabel": participant.label} if participant.label else {})
