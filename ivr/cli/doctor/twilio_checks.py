"""Check what Twilio has: the account, our numbers and their webhooks, their fallback, the API key of the browser phones."""

from __future__ import annotations

from collections.abc import Iterator

from ivr.cli.doctor.finding import Finding, FindingLevel
from ivr.cli.twilio.numbers import NumberStatus, list_our_numbers, make_telephony
from ivr.domain.errors import CalorError, TelephonyError
from ivr.settings import Settings
from ivr.telephony import tokens
from ivr.telephony.webhooks import is_on_other_host
from ivr.usecases.agents import device


def check_account(settings: Settings) -> Iterator[Finding]:
    try:
        account = make_telephony(settings)
        facts = account.fetch_account()
        says = f"{facts.name} ({facts.sid}), {facts.status}"
        if not facts.is_active:
            yield Finding(
                what="account", level=FindingLevel.ERROR, says=says, fix="Reactivate it in Twilio's console."
            )
        elif facts.on_trial:
            yield Finding(
                what="account",
                level=FindingLevel.WARNING,
                says=f"{says}, on trial",
                fix="Only verified numbers can be called: upgrade it.",
            )
        else:
            yield Finding(what="account", level=FindingLevel.OK, says=says)
        for line in list_our_numbers(settings, account):
            yield from _check_number(settings, line)
    except TelephonyError as e:
        yield Finding(
            what="account",
            level=FindingLevel.ERROR,
            says=str(e),
            fix="Compare TWILIO_ACCOUNT_SID, TWILIO_AUTH_TOKEN and TWILIO_API_URL with the console.",
        )
    except CalorError:
        return  # the flows, said already


def _check_number(settings: Settings, our_number: NumberStatus) -> Iterator[Finding]:
    if our_number.number_at_twilio is None:
        yield Finding(
            what=our_number.number,
            level=FindingLevel.ERROR,
            says="is not a number of this account",
            fix=f"Buy it, or correct `lines:` in {settings.flows}.",
        )
        return
    if our_number.number_at_twilio.application_sid:
        yield Finding(
            what=our_number.number,
            level=FindingLevel.ERROR,
            says=f"is answered by the TwiML app {our_number.number_at_twilio.application_sid}",
            fix="Remove the app from the number.",
        )
    for difference in our_number.differences:
        yield Finding(
            what=our_number.number,
            level=FindingLevel.ERROR,
            says=f"{difference.field} is {difference.actual or 'not set'}, not {difference.expected}",
            fix="Run `ivr twilio setup`.",
        )
    if not our_number.differences:
        yield Finding(what=our_number.number, level=FindingLevel.OK, says="its webhooks lead here")
    if not is_on_other_host(our_number.number_at_twilio.webhooks.voice_fallback_url, settings.public_url):
        yield Finding(
            what=our_number.number,
            level=FindingLevel.WARNING,
            says="its fallback is on the same host as PUBLIC_URL, and fails with it",
            fix="Put the output of `ivr twilio fallback` into a TwiML Bin, and run `ivr twilio setup --fallback` with its address.",
        )


def check_fallback(settings: Settings) -> Iterator[Finding]:
    if settings.fallback_numbers:
        yield Finding(
            what="fallback",
            level=FindingLevel.OK,
            says=f"{len(settings.fallback_numbers)} telephones ring when the line is broken",
        )
    else:
        yield Finding(
            what="fallback",
            level=FindingLevel.WARNING,
            says="while the line is broken, callers can only leave a message",
            fix="Name people's telephones in IVR_FALLBACK_NUMBERS.",
        )


def check_browser_phones(settings: Settings) -> Finding:
    """The API key is tried: a token that it signed is refused only when an agent's phone is to ring."""
    what = "browser phones"
    if not settings.browser_phones_enabled:
        return Finding(what=what, level=FindingLevel.OK, says="none: agents answer on telephones")
    try:
        tokens.check_api_key(device.api_key(settings), settings.twilio_api_url)
    except TelephonyError as e:
        fix = "Make a standard API key in Twilio's console, for TWILIO_API_KEY_SID and TWILIO_API_KEY_SECRET."
        return Finding(what=what, level=FindingLevel.ERROR, says=f"the API key does not work: {e}", fix=fix)
    return Finding(what=what, level=FindingLevel.OK, says="agents may answer in the browser")
