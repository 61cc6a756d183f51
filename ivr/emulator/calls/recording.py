"""Recordings as they are made, and the word that one has begun or is ready."""

from dataclasses import dataclass

from ivr.emulator.account.resources import Recording
from ivr.emulator.account.world import World
from ivr.emulator.calls.conference import Conference
from ivr.emulator.calls.leg import CallLeg
from ivr.emulator.calls.signals import StatusCallback
from ivr.emulator.runtime.exchange import API_VERSION
from ivr.emulator.runtime.formats import format_rfc2822
from ivr.emulator.webhooks.request import WebhookRequest

RECORDING_TOO_SHORT = 16101  # https://www.twilio.com/docs/api/errors/16101


@dataclass(frozen=True, kw_only=True)
class Recorder:
    """A recording that runs. Legs write on it what is said."""

    world: World
    recording: Recording

    @property
    def words(self) -> list[str]:
        return self.recording.words

    def add_words(self, words: str) -> None:
        if self.recording.is_running and self.recording.paused_at is None:
            self.recording.words.append(words)

    def pause(self, *, skip: bool) -> None:
        """From here on silence, or nothing at all, goes on it."""
        self.resume()
        made = self.recording
        made.paused_at, made.pause_skips, made.updated_at = self._now, skip, self._now

    def resume(self) -> None:
        made = self.recording
        if made.paused_at is None:
            return
        if made.pause_skips:
            made.skipped_seconds += self._now - made.paused_at
        made.paused_at, made.updated_at = None, self._now

    def stop(self) -> Recording:
        """Once only; whoever stops it again gets the same."""
        made = self.recording
        if not made.is_running:
            return made
        self.resume()
        made.ended_at = made.updated_at = self._now
        made.ready_at = self._now + self.world.recording_delay_seconds
        self.world.recordings[made.sid] = made
        leg = self.world.calls.get(made.call_sid)
        self.world.exchange.event_log.write(
            "recorded",
            call=made.call_sid,
            who=leg.who if leg else None,
            recording=made.sid,
            words=" ".join(made.words),
            duration=made.duration,
            source=made.source,
        )
        self.world.exchange.spawn(self._report_when_ready())
        return made

    @property
    def _now(self) -> float:
        return self.world.exchange.now

    async def _report_when_ready(self) -> None:
        made = self.recording
        await self.world.exchange.clock.sleep(made.ready_at - self._now)
        more = {"RecordingDuration": str(made.duration)}
        send_recording_status(
            self.world, made, more | ({"ErrorCode": str(RECORDING_TOO_SHORT)} if made.is_absent else {})
        )


def send_recording_status(
    world: World, recording: Recording, extra_params: dict[str, str] | None = None
) -> None:
    """A recording status callback, if anybody asked for one about the status it has now."""
    exchange = world.exchange
    status = recording.status(exchange.now)
    if recording.status_callback is None or status not in recording.status_callback.events:
        return
    params = {
        "AccountSid": exchange.account_sid,
        "CallSid": recording.call_sid,
        "RecordingSid": recording.sid,
        "RecordingUrl": recording_url(world, recording),
        "RecordingStatus": status,
        "RecordingChannels": str(recording.channels),
        "RecordingStartTime": format_rfc2822(recording.created_at) or "",
        "RecordingSource": recording.source,
        "RecordingTrack": recording.track,
        **(extra_params or {}),
    }
    if recording.conference_sid:
        params["ConferenceSid"] = recording.conference_sid
    hook = WebhookRequest(
        url=recording.status_callback.url,
        method=recording.status_callback.method,
        params=params,
        call_sid=recording.call_sid,
    )
    exchange.send_callback(recording.sid, hook)


def recording_url(world: World, recording: Recording) -> str:
    return f"{world.url}/{API_VERSION}/Accounts/{world.exchange.account_sid}/Recordings/{recording.sid}"


def start_recorder(
    world: World,
    source: str,
    status_callback: StatusCallback | None,
    call_sid: str,
    *,
    conference_sid: str | None = None,
    channels: int = 1,
) -> Recorder:
    now = world.exchange.now
    recording = Recording(
        sid=world.exchange.sids.new("RE"),
        call_sid=call_sid,
        conference_sid=conference_sid,
        created_at=now,
        updated_at=now,
        source=source,
        status_callback=status_callback,
        channels=channels,
    )
    if source != "RecordVerb":  # a <Record> that hears nothing leaves no recording
        world.recordings[recording.sid] = recording
    send_recording_status(world, recording)
    return Recorder(world=world, recording=recording)


def record_legs(
    world: World, source: str, status_callback: StatusCallback | None, *legs: CallLeg, channels: int = 1
) -> Recorder:
    """Record everything that the people on these legs say, until `Recorder.stop`."""
    tape = start_recorder(world, source, status_callback, legs[0].sid, channels=channels)
    for leg in legs:
        leg.word_recorders.append(tape.add_words)
    return tape


def record_call(
    world: World, leg: CallLeg, source: str, status_callback: StatusCallback | None, channels: int = 1
) -> Recorder:
    """Record the rest of a call, and who is bridged with it now."""
    others = leg.connection.list_hearers(leg) if leg.connection and source == "StartCallRecordingAPI" else []
    tape = record_legs(world, source, status_callback, leg, *others, channels=channels)
    world.exchange.spawn(_stop_with_call(tape, leg))
    return tape


async def _stop_with_call(recorder: Recorder, leg: CallLeg) -> None:
    await leg.finished.wait()
    recorder.stop()


def record_conference(
    world: World, conference: Conference, leg: CallLeg, status_callback: StatusCallback | None
) -> None:
    """Record a conference from its start to its end; `leg` asked for it."""

    def start() -> None:
        tape = start_recorder(world, "Conference", status_callback, leg.sid, conference_sid=conference.sid)
        conference.record_words = tape.add_words
        conference.on_end.append(tape.stop)

    conference.on_start.append(start)
