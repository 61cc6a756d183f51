"""Our own numbers at Twilio: those that the flows answer, and how their webhooks stand."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ivr.flow.loader.library import load_flows
from ivr.flow.model import ANY_NUMBER
from ivr.settings import Settings
from ivr.telephony.facts import OurNumber, Webhooks
from ivr.telephony.webhooks import (
    WebhookDifference,
    find_differences,
    is_on_other_host,
    make_expected_webhooks,
)

if TYPE_CHECKING:  # the SDK behind it takes 0.2 s to load
    from ivr.telephony.client import Telephony


@dataclass(frozen=True, kw_only=True)
class NumberStatus:
    """`number_at_twilio`: None when the account has no such number."""

    number: str
    number_at_twilio: OurNumber | None
    expected_webhooks: Webhooks
    differences: list[WebhookDifference]


def make_telephony(settings: Settings) -> Telephony:
    from ivr.telephony.client import JOB_TIMEOUT_SECONDS, Telephony

    return Telephony(
        account_sid=settings.twilio_account_sid,
        auth_token=settings.twilio_auth_token.get_secret_value(),
        api_url=settings.twilio_api_url,
        timeout_seconds=JOB_TIMEOUT_SECONDS,
    )


def list_our_numbers(settings: Settings, account: Telephony, *, fallback: str = "") -> list[NumberStatus]:
    """The numbers named in the flows; all of the account's when a flow answers any line.

    `fallback`: the address for when nothing of ours runs; by default the one a number has, if it is on another host.
    """
    own = {n.number: n for n in account.list_numbers()}
    named = [number for flow in load_flows(settings.flows).flows.values() for number in flow.called_numbers]
    numbers = dict.fromkeys([*(n for n in named if n != ANY_NUMBER), *(own if ANY_NUMBER in named else ())])
    return [_get_number_status(number, own.get(number), settings.public_url, fallback) for number in numbers]


def _get_number_status(
    number: str, number_at_twilio: OurNumber | None, base: str, fallback: str
) -> NumberStatus:
    has = number_at_twilio.webhooks if number_at_twilio else Webhooks()
    kept = has.voice_fallback_url if is_on_other_host(has.voice_fallback_url, base) else ""
    needs = make_expected_webhooks(base, fallback_url=fallback or kept)
    return NumberStatus(
        number=number,
        number_at_twilio=number_at_twilio,
        expected_webhooks=needs,
        differences=find_differences(has, needs),
    )
