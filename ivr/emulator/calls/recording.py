"""Recordings as they are made, and the word that one has begun or is ready."""

from dataclasses import dataclass

from ivr.emulator.account.resources import Recording
from ivr.emulator.account.world import World
from ivr.emulator.calls.conference import Conference
from ivr.emulator.calls.leg import Leg
from ivr.emulator.calls.signals import Events
from ivr.emulator.runtime.exchange import API_VERSION
from ivr.emulator.runtime.formats import rfc2822
from ivr.emulator.webhooks.sender import Hook

TOO_SHORT = 16101  # https://www.twilio.com/docs/api/errors/16101


@dataclass(frozen=True, kw_only=True)
class Tape:
    """A recording that runs. Legs write on it what is said."""

    world: World
    recording: Recording

    @property
    def words(self) -> list[str]:
        return self.recording.words

    def hear(self, words: str) -> None:
        if self.recording.live and self.recording.paused is None:
            self.recording.words.append(words)

    def pause(self, *, skip: bool) -> None:
        """From here on silence, or nothing at all, goes on it."""
        self.resume()
        made = self.recording
        made.paused, made.skipping, made.updated = self._now, skip, self._now

    def resume(self) -> None:
        made = self.recording
        if made.paused is None:
            return
        if made.skipping:
            made.skipped += self._now - made.paused
        made.paused, made.updated = None, self._now

    def stop(self) -> Recording:
        """Once only; whoever stops it again gets the same."""
        made = self.recording
        if not made.live:
            return made
        self.resume()
        made.ended = made.updated = self._now
        made.ready = self._now + self.world.recording_ready
        self.world.recordings[made.sid] = made
        leg = self.world.calls.get(made.call_sid)
        self.world.exchange.journal.write(
            "recorded",
            call=made.call_sid,
            who=leg.who if leg else None,
            recording=made.sid,
            words=" ".join(made.words),
            duration=made.duration,
            source=made.source,
        )
        self.world.exchange.spawn(self._ready())
        return made

    @property
    def _now(self) -> float:
        return self.world.exchange.now

    async def _ready(self) -> None:
        made = self.recording
        await self.world.exchange.clock.sleep(made.ready - self._now)
        more = {"RecordingDuration": str(made.duration)}
        tell(self.world, made, more | ({"ErrorCode": str(TOO_SHORT)} if made.absent else {}))


def tell(world: World, made: Recording, more: dict[str, str] | None = None) -> None:
    """A recording status callback, if anybody asked for one about the status it has now."""
    exchange = world.exchange
    status = made.status(exchange.now)
    if made.events is None or status not in made.events.names:
        return
    params = {
        "AccountSid": exchange.account_sid,
        "CallSid": made.call_sid,
        "RecordingSid": made.sid,
        "RecordingUrl": address(world, made),
        "RecordingStatus": status,
        "RecordingChannels": str(made.channels),
        "RecordingStartTime": rfc2822(made.created) or "",
        "RecordingSource": made.source,
        "RecordingTrack": made.track,
        **(more or {}),
    }
    if made.conference_sid:
        params["ConferenceSid"] = made.conference_sid
    hook = Hook(url=made.events.url, method=made.events.method, params=params, call=made.call_sid)
    exchange.callback(made.sid, hook)


def address(world: World, recording: Recording) -> str:
    return f"{world.url}/{API_VERSION}/Accounts/{world.exchange.account_sid}/Recordings/{recording.sid}"


def made_for(
    world: World,
    source: str,
    events: Events | None,
    call_sid: str,
    *,
    conference_sid: str | None = None,
    channels: int = 1,
) -> Tape:
    now = world.exchange.now
    recording = Recording(
        sid=world.exchange.sids.new("RE"),
        call_sid=call_sid,
        conference_sid=conference_sid,
        created=now,
        updated=now,
        source=source,
        events=events,
        channels=channels,
    )
    if source != "RecordVerb":  # a <Record> that hears nothing leaves no recording
        world.recordings[recording.sid] = recording
    tell(world, recording)
    return Tape(world=world, recording=recording)


def begin(world: World, source: str, events: Events | None, *legs: Leg, channels: int = 1) -> Tape:
    """Record everything that the people on these legs say, until `Tape.stop`."""
    tape = made_for(world, source, events, legs[0].sid, channels=channels)
    for leg in legs:
        leg.tapes.append(tape.hear)
    return tape


def until_over(world: World, leg: Leg, source: str, events: Events | None, channels: int = 1) -> Tape:
    """Record the rest of a call, and who is bridged with it now."""
    others = leg.room.hearers(leg) if leg.room and source == "StartCallRecordingAPI" else []
    tape = begin(world, source, events, leg, *others, channels=channels)
    world.exchange.spawn(_until_over(tape, leg))
    return tape


async def _until_over(tape: Tape, leg: Leg) -> None:
    await leg.over.wait()
    tape.stop()


def of_room(world: World, room: Conference, leg: Leg, events: Events | None) -> None:
    """Record a conference from its start to its end; `leg` brought the wish."""

    def start() -> None:
        tape = made_for(world, "Conference", events, leg.sid, conference_sid=room.sid)
        room.tape = tape.hear
        room.on_end.append(tape.stop)

    room.on_start.append(start)
