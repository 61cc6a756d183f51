"""Our own numbers at Twilio: those that the flows answer, and how their webhooks stand."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ivr.flow.loader.library import load_flows
from ivr.flow.model import ANY_LINE
from ivr.settings import Settings
from ivr.telephony.facts import OwnNumber, Webhooks
from ivr.telephony.webhooks import Difference, differences, elsewhere, wanted

if TYPE_CHECKING:  # the SDK behind it takes 0.2 s to load
    from ivr.telephony.client import Telephony


@dataclass(frozen=True, kw_only=True)
class Line:
    """`own`: None when the account has no such number."""

    number: str
    own: OwnNumber | None
    needs: Webhooks
    wrong: list[Difference]


def telephony(settings: Settings) -> Telephony:
    from ivr.telephony.client import IN_JOB, Telephony

    return Telephony(
        account_sid=settings.twilio_account_sid,
        auth_token=settings.twilio_auth_token.get_secret_value(),
        api_url=settings.twilio_api_url,
        seconds=IN_JOB,
    )


def lines(settings: Settings, account: Telephony, *, fallback: str = "") -> list[Line]:
    """The numbers named in the flows; all of the account's when a flow answers any line.

    `fallback`: the address for when nothing of ours runs; by default the one a number has, if it is on another host.
    """
    own = {n.number: n for n in account.numbers()}
    named = [number for flow in load_flows(settings.flows).flows.values() for number in flow.lines]
    numbers = dict.fromkeys([*(n for n in named if n != ANY_LINE), *(own if ANY_LINE in named else ())])
    return [_line(number, own.get(number), settings.public_url, fallback) for number in numbers]


def _line(number: str, own: OwnNumber | None, base: str, fallback: str) -> Line:
    has = own.webhooks if own else Webhooks()
    kept = has.voice_fallback_url if elsewhere(has.voice_fallback_url, base) else ""
    needs = wanted(base, fallback=fallback or kept)
    return Line(number=number, own=own, needs=needs, wrong=differences(has, needs))
