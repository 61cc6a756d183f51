"""Calls to Twilio's REST API: what the line can ask of the telephone network.

Every method makes one request, except those that list (one per page), and raises a `TelephonyError` of the branch
that says what to do next. Nothing is ever repeated here: only the caller knows whether a second ring is harmless.
Importing this module costs 0.1-0.3 s, for the SDK; commands that do not call import it late.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from twilio.base import values
from twilio.base.exceptions import TwilioException
from twilio.rest import Client

from ivr.domain.errors import TelephonyError, Unclear
from ivr.domain.telephony_events import CallDirection
from ivr.telephony import resources
from ivr.telephony.facts import (
    AccountFacts,
    CallFacts,
    ConferenceFacts,
    OurNumber,
    ParticipantFacts,
    RecordingFacts,
    TextFacts,
    Webhooks,
)
from ivr.telephony.http import TwilioHttpClient

WEBHOOK_TIMEOUT_SECONDS = 5.0  # seconds; Twilio gives a webhook 15 in all
JOB_TIMEOUT_SECONDS = 10.0
PAGE_SIZE = 1000  # the most that a page of a list holds

# Seconds, the most: with the default of 30 a greeting of 35 s ends as "unknown", and nobody leaves a message
# (https://www.twilio.com/docs/voice/answering-machine-detection).
MAX_GREETING_SECONDS = 59

# a list: as one string with spaces it is accepted and then silent (21626)
CALL_STATUS_EVENTS = ["initiated", "ringing", "answered", "completed"]


class Telephony:
    """The account at Twilio. One per process; safe to share between threads and greenlets."""

    def __init__(
        self,
        *,
        account_sid: str,
        auth_token: str,
        api_url: str,
        timeout_seconds: float = WEBHOOK_TIMEOUT_SECONDS,
    ) -> None:
        """`timeout_seconds`: the time limit of one request, WEBHOOK_TIMEOUT_SECONDS or JOB_TIMEOUT_SECONDS."""
        self._base = api_url.rstrip("/")
        self._client = Client(
            account_sid,
            auth_token,
            http_client=TwilioHttpClient(api_url=api_url, timeout_seconds=timeout_seconds),
            environment={"TWILIO_ACCOUNT_SID": account_sid},  # or else the SDK looks into the real one
        )
        self._api: Any = (
            self._client.api.v2010.account
        )  # loads the SDK's many modules now, not in the first call

    # ---- calls

    def create_call(  # noqa: PLR0913 - what Twilio needs to know about a call, all of it by keyword
        self,
        *,
        to: str,
        from_: str,
        url: str,
        fallback_url: str,
        status_callback: str,
        ring_seconds: int,
        machine_detection: bool = False,
        amd_callback: str = "",
    ) -> str:
        """Ring somebody; the sid of the call. `ring_seconds` is how long it rings, in seconds.

        Not idempotent: after Unclear the call may exist, and `find_calls` tells.
        """
        detection: dict[str, Any] = {}
        if machine_detection:  # asynchronous: the person who answers is not kept in silence meanwhile
            detection = {
                "machine_detection": "DetectMessageEnd",
                "machine_detection_timeout": MAX_GREETING_SECONDS,
                "async_amd": "true",
            }
            if amd_callback:
                detection["async_amd_status_callback"] = amd_callback
        call = self._api.calls.create(
            to=to,
            from_=from_,
            url=url,
            fallback_url=fallback_url,
            status_callback=status_callback,
            status_callback_event=CALL_STATUS_EVENTS,
            timeout=ring_seconds,
            **detection,
        )
        return str(call.sid)

    def redirect(self, sid: str, url: str) -> None:
        """Send a live call to another page of TwiML. Raises CallGone when it has ended."""
        self._api.calls(sid).update(url=url, method="POST")

    def hang_up(self, sid: str) -> None:
        """End a call, also one that still rings or waits at Twilio to be dialed. Raises CallGone when it has ended."""
        self._api.calls(sid).update(status="completed")

    def fetch_call(self, sid: str) -> CallFacts:
        return resources.parse_call(self._api.calls(sid).fetch())

    def find_calls(self, *, to: str, created_after: datetime, from_: str = "") -> list[CallFacts]:
        """Calls to a number since a moment, newest first, those not yet dialed included.

        Not by StartTime: that filter knows only days, and misses what was not dialed yet.
        """
        found = self._list(self._api.calls, to=to, from_=from_ or values.unset)
        return [f for f in map(resources.parse_call, found) if f.created >= _cut_to_second(created_after)]

    def list_calls(self, *, created_after: datetime) -> list[CallFacts]:
        """Every call since a moment, both ways, newest first; but those that Twilio has not dialed yet."""
        return [
            resources.parse_call(c)
            for c in self._list(self._api.calls, start_time_after=_cut_to_second(created_after))
        ]

    def list_inbound_calls(self, *, created_after: datetime) -> list[CallFacts]:
        """Calls to numbers of ours since a moment. They begin when they are created, so that StartTime misses none."""
        return [
            f for f in self.list_calls(created_after=created_after) if f.direction is CallDirection.INBOUND
        ]

    def list_calls_with(self, number: str) -> list[CallFacts]:
        """Every call to and from a number."""
        found = [*self._list(self._api.calls, to=number), *self._list(self._api.calls, from_=number)]
        return list(map(resources.parse_call, found))

    def delete_call(self, sid: str) -> None:
        """What Twilio knows of a call; not before it has ended (20009). Its recordings are things of their own."""
        _delete(self._api.calls(sid))

    # ---- texts

    def send_text(self, *, to: str, from_: str, body: str, status_callback: str) -> str:
        """Send a text; its sid. Raises NoTexts when this number takes none. Not idempotent, like `create_call`."""
        text = self._api.messages.create(to=to, from_=from_, body=body, status_callback=status_callback)
        return str(text.sid)

    def find_texts(self, *, to: str, created_after: datetime) -> list[TextFacts]:
        found = map(resources.parse_text, self._list(self._api.messages, to=to))
        return [f for f in found if f.created >= _cut_to_second(created_after)]

    def list_media_urls(self, sid: str) -> list[str]:
        """Addresses of the pictures of a text, as its webhook had them."""
        found = self._list(self._api.messages(sid).media)
        return [f"{self._base}{m.uri.removesuffix('.json')}" for m in found]

    def list_texts_with(self, number: str) -> list[TextFacts]:
        """Every text to and from a number."""
        found = [*self._list(self._api.messages, to=number), *self._list(self._api.messages, from_=number)]
        return list(map(resources.parse_text, found))

    def list_text_sids_before(self, moment: datetime, *, limit: int) -> list[str]:
        """Names of texts both ways that are over and older than that; Twilio's filter knows days."""
        found = self._list(self._api.messages, date_sent_before=_cut_to_second(moment), limit=limit)
        return [t.sid for t in map(resources.parse_text, found) if t.created < moment]

    def delete_text(self, sid: str) -> None:
        """With its pictures; not before it has arrived (20009). Harmless to repeat, like every deletion here."""
        _delete(self._api.messages(sid))

    # ---- conferences

    def set_participant(
        self,
        conference_sid: str,
        call_sid: str,
        *,
        end_on_exit: bool | None = None,
        hold: bool | None = None,
        hold_url: str | None = None,
    ) -> None:
        """Change what is given. Raises CallGone when the participant or the conference is no more.

        Set `end_on_exit` before `hold`: Twilio ignores it, without a word, on a participant who is held.
        """
        changes: dict[str, Any] = {"end_conference_on_exit": end_on_exit, "hold": hold, "hold_url": hold_url}
        if hold_url is not None:
            changes["hold_method"] = "POST"  # GET unless said, and then unsigned fields travel in the address
        self._update_participant(conference_sid, call_sid, changes)

    def announce(self, conference_sid: str, call_sid: str, url: str) -> None:
        """Say something into one participant's ear. Raises CallGone."""
        self._update_participant(conference_sid, call_sid, {"announce_url": url, "announce_method": "POST"})

    def set_monitoring(
        self, conference_sid: str, call_sid: str, *, muted: bool, coach: str | None = None
    ) -> None:
        """A supervisor's leg: muted it monitors, with `coach` (an agent's call sid) it whispers, with neither it barges in."""
        self._update_participant(
            conference_sid,
            call_sid,
            {"muted": muted, "coaching": coach is not None, "call_sid_to_coach": coach},
        )

    def list_participants(self, conference_sid: str) -> list[ParticipantFacts]:
        return [
            ParticipantFacts(
                call_sid=p.call_sid,
                label=p.label or "",
                hold=bool(p.hold),
                muted=bool(p.muted),
                end_on_exit=bool(p.end_conference_on_exit),
            )
            for p in self._list(self._api.conferences(conference_sid).participants)
        ]

    def list_conferences(self, *, created_after: datetime) -> list[ConferenceFacts]:
        """Every conference since a moment. Who was in one that has ended Twilio does not tell."""
        found = self._list(self._api.conferences, date_created_after=created_after.date())
        return [
            f for f in map(resources.parse_conference, found) if f.created >= _cut_to_second(created_after)
        ]

    def end_conference(self, sid: str) -> None:
        """Take everybody out of a conference. Raises CallGone when it has ended."""
        self._api.conferences(sid).update(status="completed")

    # ---- the account

    def list_numbers(self) -> list[OurNumber]:
        return [resources.parse_number(n) for n in self._list(self._api.incoming_phone_numbers)]

    def set_webhooks(self, number_sid: str, webhooks: Webhooks) -> None:
        self._api.incoming_phone_numbers(number_sid).update(
            voice_url=webhooks.voice_url,
            voice_method="POST",
            voice_fallback_url=webhooks.voice_fallback_url,
            voice_fallback_method="POST",
            status_callback=webhooks.status_callback,
            status_callback_method="POST",
            sms_url=webhooks.sms_url,
            sms_method="POST",
        )

    def list_recordings(self, created_after: datetime) -> list[RecordingFacts]:
        """Messages that callers left since a moment: after an outage, promises are made of them."""
        found = self._list(self._api.recordings, date_created_after=created_after)
        return [
            f for f in map(resources.parse_recording, found) if f.created >= _cut_to_second(created_after)
        ]

    def list_recording_sids(self, call_sid: str) -> list[str]:
        """Names of the messages that were left in a call."""
        return [str(r.sid) for r in self._list(self._api.recordings, call_sid=call_sid)]

    def list_recording_sids_before(self, moment: datetime, *, limit: int) -> list[str]:
        """Names of messages older than that."""
        found = self._list(self._api.recordings, date_created_before=_cut_to_second(moment), limit=limit)
        return [r.sid for r in map(resources.parse_recording, found) if r.created < moment]

    def delete_recording(self, sid: str) -> None:
        """Not while it is made (20009)."""
        _delete(self._api.recordings(sid))

    def fetch_account(self) -> AccountFacts:
        a = self._client.api.v2010.accounts(self._client.account_sid).fetch()
        is_active, on_trial = a.status == "active", a.type == "Trial"
        status, name = a.status or "", a.friendly_name or ""
        return AccountFacts(sid=a.sid, name=name, status=status, is_active=is_active, on_trial=on_trial)

    # ---- below

    def _update_participant(self, conference_sid: str, call_sid: str, changes: dict[str, Any]) -> None:
        given = {name: value for name, value in changes.items() if value is not None}
        self._api.conferences(conference_sid).participants(call_sid).update(**given)

    def _list(self, resource: Any, **filters: Any) -> list[Any]:
        try:
            return list(resource.list(page_size=PAGE_SIZE, **filters))
        except TwilioException as e:  # a page that is not what it should be
            raise Unclear("Twilio's list cannot be read.") from e


def _delete(resource: Any) -> None:
    try:
        resource.delete()
    except TelephonyError as e:
        if e.status != 404:
            raise


def _cut_to_second(at: datetime) -> datetime:
    return at.replace(microsecond=0)  # Twilio's times (RFC 2822) are cut to the second
