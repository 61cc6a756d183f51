"""Recordings as they are made, and the word that one is ready."""

from dataclasses import dataclass, field

from ivr.emulator.conference import Conference
from ivr.emulator.formats import rfc2822
from ivr.emulator.hooks import Hook
from ivr.emulator.leg import Leg
from ivr.emulator.resources import Recording
from ivr.emulator.signals import Events
from ivr.emulator.world import World


@dataclass(kw_only=True, eq=False)
class Tape:
    """A recording that runs. Legs write on it what is said."""

    world: World
    call_sid: str
    source: str
    events: Events | None = None
    conference_sid: str | None = None
    began: float = 0.0
    words: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.began = self.world.exchange.now

    def hear(self, words: str) -> None:
        self.words.append(words)

    def stop(self) -> Recording:
        now = self.world.exchange.now
        made = Recording(
            sid=self.world.exchange.sids.new("RE"),
            call_sid=self.call_sid,
            conference_sid=self.conference_sid,
            created=self.began,
            updated=now,
            duration=round(now - self.began),
            source=self.source,
            words=" ".join(self.words),
            ready=now + self.world.recording_ready,
        )
        self.world.recordings[made.sid] = made
        leg = self.world.calls.get(self.call_sid)
        self.world.exchange.journal.write(
            "recorded",
            call=self.call_sid,
            who=leg.who if leg else None,
            recording=made.sid,
            words=made.words,
            duration=made.duration,
            source=made.source,
        )
        self.world.exchange.spawn(self._ready(made))
        return made

    async def _ready(self, made: Recording) -> None:
        exchange = self.world.exchange
        await exchange.clock.sleep(made.ready - exchange.now)
        if self.events is None or "completed" not in self.events.names:
            return
        params = {
            "AccountSid": exchange.account_sid,
            "CallSid": made.call_sid,
            "RecordingSid": made.sid,
            "RecordingUrl": address(self.world, made),
            "RecordingStatus": "completed",
            "RecordingDuration": str(made.duration),
            "RecordingChannels": str(made.channels),
            "RecordingStartTime": rfc2822(made.created) or "",
            "RecordingSource": made.source,
            "RecordingTrack": "both",
        }
        if made.conference_sid:
            params["ConferenceSid"] = made.conference_sid
        hook = Hook(url=self.events.url, method=self.events.method, params=params, call=made.call_sid)
        exchange.callback(made.sid, hook)


def address(world: World, recording: Recording) -> str:
    return f"{world.url}/2010-04-01/Accounts/{world.exchange.account_sid}/Recordings/{recording.sid}"


def begin(world: World, source: str, events: Events | None, *legs: Leg) -> Tape:
    """Record everything that the people on these legs say, until `Tape.stop`."""
    tape = Tape(world=world, call_sid=legs[0].sid, source=source, events=events)
    for leg in legs:
        leg.tapes.append(tape.hear)
    return tape


def until_over(world: World, leg: Leg, source: str, events: Events | None) -> None:
    """Record the rest of a call."""
    world.exchange.spawn(_until_over(begin(world, source, events, leg), leg))


async def _until_over(tape: Tape, leg: Leg) -> None:
    await leg.over.wait()
    tape.stop()


def of_room(world: World, room: Conference, leg: Leg, events: Events | None) -> None:
    """Record a conference from its start to its end; `leg` brought the wish."""

    def start() -> None:
        tape = Tape(
            world=world, call_sid=leg.sid, source="Conference", events=events, conference_sid=room.sid
        )
        room.tape = tape.hear
        room.on_end.append(tape.stop)

    room.on_start.append(start)
