"""A conference room: who is in it, when it starts and ends, what each of them hears, and the events about it."""

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass, field
from typing import Any

from ivr.emulator.calls.leg import Leg
from ivr.emulator.calls.signals import Ask, Events
from ivr.emulator.runtime.exchange import Exchange
from ivr.emulator.runtime.faults import What, Where
from ivr.emulator.webhooks.sender import Hook

Player = Callable[["Participant", Ask, bool], Coroutine[Any, Any, bool]]
DEFAULT_MUSIC = "https://s3.amazonaws.com/com.twilio.sounds.music/index.xml"


@dataclass(kw_only=True, eq=False)
class Participant:
    leg: Leg
    label: str = ""
    muted: bool = False
    hold: bool = False
    coaching: str = ""  # CallSid of the one who hears them
    start: bool = True
    end: bool = False
    beep: str = "true"
    wait: Ask | None = field(default_factory=lambda: Ask(url=DEFAULT_MUSIC, method="GET"))
    joined: float = 0.0
    updated: float = 0.0
    visible: float = 0.0  # when lists begin to show them
    left: asyncio.Event = field(default_factory=asyncio.Event)
    reason: str = ""  # why they left
    playing: asyncio.Task[None] | None = None


@dataclass(kw_only=True, eq=False)
class Conference:
    exchange: Exchange
    sid: str
    name: str
    play: Player
    created: float
    updated: float = 0.0
    visible: float = 0.0
    status: str = "init"
    participants: dict[str, Participant] = field(default_factory=dict)
    expected: dict[str, Participant] = field(default_factory=dict)  # rung by the API, not yet here
    events: Events | None = None
    tape: Callable[[str], None] | None = None
    on_start: list[Callable[[], object]] = field(default_factory=list)
    on_end: list[Callable[[], object]] = field(default_factory=list)
    reason: str | None = None
    ended_by: Participant | None = None
    most: int = 250
    _sequence: int = 0

    def join(self, participant: Participant) -> None:
        leg = participant.leg
        participant.joined = participant.updated = participant.visible = self.exchange.now
        if fault := self.exchange.faults.strike(Where.REST, f"Participants/{self.name}", What.HIDDEN):
            participant.visible += fault.seconds
        self.participants[leg.sid] = participant
        leg.room = self
        leg.log("conference_join", conference=self.sid, name=self.name, label=participant.label)
        self._event("participant-join", participant)
        if self.status == "in-progress":
            self._tell_ears()
            self._beep(participant, "onEnter")
        elif len(self.participants) >= 2 and any(one.start for one in self.participants.values()):
            self._begin()
            self._beep(participant, "onEnter")
        else:
            self._music(participant, participant.wait, fatal=True)

    def leave(self, participant: Participant, reason: str, *, kicked: bool = False) -> None:
        """One goes; the room ends with the last, or with one whose leaving ends it."""
        if participant.leg.sid not in self.participants:
            return
        self._drop(participant, reason)
        if self.status == "in-progress":
            self._beep(participant, "onExit")
        how = "kicked" if kicked else "left"
        if participant.end and self.participants:
            self.finish(f"participant-with-end-conference-on-exit-{how}", participant)
        elif not self.participants:
            ending = "participant-with-end-conference-on-exit" if participant.end else "last-participant"
            self.finish(f"{ending}-{how}", participant)
        else:
            self._tell_ears()

    def everybody(self) -> list[Participant]:
        return [*self.participants.values(), *self.expected.values()]

    def finish(self, reason: str, by: Participant | None = None) -> None:
        if self.status == "completed":
            return
        self.status, self.reason, self.ended_by = "completed", reason, by
        why = "conference_ended_via_api" if by is None else "moderator_ended_conference"
        for other in list(self.participants.values()):
            self._drop(other, why)
        self._event(
            "conference-end",
            None,
            {"ReasonConferenceEnded": reason, "Reason": reason.replace("-", " ")} | self._ender(),
        )
        for follow in self.on_end:
            follow()
        self.exchange.journal.write("conference_end", conference=self.sid, name=self.name, reason=reason)

    def set_hold(self, participant: Participant, hold: bool, music: Ask | None) -> None:
        changed, participant.hold = participant.hold is not hold, hold
        if changed:
            self._event("participant-hold" if hold else "participant-unhold", participant)
            participant.leg.log("held" if hold else "unheld", conference=self.sid)
        if hold:
            self._music(participant, music, fatal=False)
        else:
            self._quiet(participant)
            if self.status == "init":
                self._music(participant, participant.wait, fatal=True)
        self._tell_ears()

    def set_muted(self, participant: Participant, muted: bool) -> None:
        if participant.muted is not muted:
            participant.muted = muted
            self._event("participant-mute" if muted else "participant-unmute", participant)

    def modified(self, participant: Participant) -> None:
        self._event("participant-modify", participant)
        self._tell_ears()

    def announce(self, participant: Participant, ask: Ask) -> None:
        self.exchange.spawn(self._announce(participant, ask))

    # Room

    def hearers(self, leg: Leg) -> Sequence[Leg]:
        speaker = self.participants.get(leg.sid)
        if speaker is None or self.status != "in-progress" or speaker.muted or speaker.hold:
            return []
        others = [one for one in self.participants.values() if one is not speaker and not one.hold]
        if speaker.coaching:
            others = [one for one in others if one.leg.sid == speaker.coaching]
        return [one.leg for one in others]

    def speaks(self, leg: Leg, words: str, *, began: bool) -> None:
        speaker = self.participants.get(leg.sid)
        if speaker and self.hearers(leg):
            if self.tape and not began:
                self.tape(words)
            self._event("participant-speech-start" if began else "participant-speech-stop", speaker)

    # What follows

    def _begin(self) -> None:
        self.status = "in-progress"
        self.touch()
        for one in self.participants.values():
            if not one.hold:
                self._quiet(one)
        self.exchange.journal.write("conference_start", conference=self.sid, name=self.name)
        for follow in self.on_start:
            follow()
        self._event("conference-start", None)
        self._tell_ears()

    def _beep(self, participant: Participant, when: str) -> None:
        """Heard by everybody who is not on hold, as the one who comes or goes has asked for."""
        if participant.beep not in {"true", when}:
            return
        for one in self.participants.values():
            if not one.hold:
                one.leg.log("beep", conference=self.sid, on=when, by=participant.leg.sid)

    def _drop(self, participant: Participant, reason: str) -> None:
        leg = participant.leg
        del self.participants[leg.sid]
        self._quiet(participant)
        leg.room = None
        leg.ears.hear("silence")
        participant.reason = reason
        leg.log("conference_leave", conference=self.sid, name=self.name, reason=reason)
        more = {"ReasonParticipantLeft": reason, "ParticipantCallStatus": leg.status}
        self._event("participant-leave", participant, more)
        participant.left.set()

    def _tell_ears(self) -> None:
        """In a started room one hears the others; alone, nothing."""
        if self.status != "in-progress":
            return
        for one in self.participants.values():
            if one.playing is None:
                others = [x.leg.who for x in self.participants.values() if x is not one and not x.hold]
                one.leg.ears.hear("conference" if others else "silence", ", ".join(others))

    def _music(self, participant: Participant, ask: Ask | None, *, fatal: bool) -> None:
        self._quiet(participant)
        if ask is None:
            return
        if ask.url == DEFAULT_MUSIC:
            participant.leg.ears.hear("music", DEFAULT_MUSIC)
            return
        participant.playing = self.exchange.spawn(self._play(participant, ask, fatal))

    def _quiet(self, participant: Participant) -> None:
        if participant.playing:
            participant.playing.cancel()
            participant.playing = None
        participant.leg.ears.hear("silence")

    async def _play(self, participant: Participant, ask: Ask, fatal: bool) -> None:
        well = await self.play(participant, ask, fatal)
        if not well and fatal:
            self.leave(participant, "participant_add_failed")

    async def _announce(self, participant: Participant, ask: Ask) -> None:
        well = await self.play(participant, ask, False)
        more = (
            {"AnnounceUrl": ask.url}
            if well
            else {"AnnounceUrl": ask.url, "ReasonAnnouncementFailed": "no TwiML"}
        )
        self._event("announcement-end" if well else "announcement-fail", participant, more)
        self._tell_ears()

    def touch(self) -> None:
        self.updated = self.exchange.now

    def _ender(self) -> dict[str, str]:
        if self.ended_by is None:
            return {}
        params = {"CallSidEndingConference": self.ended_by.leg.sid}
        return params | (
            {"ParticipantLabelEndingConference": self.ended_by.label} if self.ended_by.label else {}
        )

    def _event(self, name: str, participant: Participant | None, more: dict[str, str] | None = None) -> None:
        self.touch()
        self._sequence += 1
        if self.events is None or GROUPS[name] not in self.events.names:
            return
        params = {
            "ConferenceSid": self.sid,
            "FriendlyName": self.name,
            "AccountSid": self.exchange.account_sid,
            "SequenceNumber": str(self._sequence),
            "Timestamp": self.exchange.timestamp(),
            "StatusCallbackEvent": name,
            **(_facts(participant) if participant else {}),
            **(more or {}),
        }
        hook = Hook(url=self.events.url, method=self.events.method, params=params, refused=16011)
        if participant:
            leg = participant.leg
            hook.call, hook.who, hook.hang_up = leg.sid, leg.who, leg.hang_up
        self.exchange.callback(self.sid, hook)


GROUPS = {
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


def _facts(participant: Participant) -> dict[str, str]:
    facts = {
        "CallSid": participant.leg.sid,
        "Muted": str(participant.muted).lower(),
        "Hold": str(participant.hold).lower(),
        "Coaching": str(bool(participant.coaching)).lower(),
        "EndConferenceOnExit": str(participant.end).lower(),
        "StartConferenceOnEnter": str(participant.start).lower(),
    }
    return facts | ({"ParticipantLabel": participant.label} if participant.label else {})
