"""What `ivr doctor` looks at. Each check gives findings; none stops at the first fault."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from pydantic import SecretStr

from ivr import redis_url
from ivr.cli.serve.redis_ready import open_connection
from ivr.cli.twilio.numbers import NumberStatus, list_our_numbers, make_telephony
from ivr.domain.errors import (
    CalorError,
    LookupFailed,
    OpenIdUnavailable,
    PhotoStorageUnavailable,
    TelephonyError,
    Unavailable,
)
from ivr.flow.checker.check import refuse_traps
from ivr.flow.loader.lookup_hosts import list_lookup_steps
from ivr.flow.model import Library
from ivr.lookup import LookupClient
from ivr.oidc import CALLBACK_PATH, make_provider
from ivr.photo_storage import make_photo_storage
from ivr.services import load_library, make_flow_versions
from ivr.settings import Settings, list_variables, validate
from ivr.store.queries.flow_versions import list_published
from ivr.store.server import fitness, standby
from ivr.store.store import Store
from ivr.telephony import tokens
from ivr.telephony.webhooks import is_on_other_host
from ivr.usecases.agents import device
from ivr.usecases.quarantine import state as quarantine_state
from ivr.usecases.routing import coverage


class FindingLevel(StrEnum):
    OK = "ok"
    WARNING = "mind"  # it works; but
    ERROR = "wrong"


@dataclass(frozen=True, kw_only=True)
class Finding:
    what: str
    level: FindingLevel
    says: str
    fix: str = ""


def run_checks(values: Mapping[str, str] | None = None) -> Iterator[Finding]:
    """Everything, in the order in which it should be put right. `values`: variables, instead of the environment's."""
    settings, faults = validate(values)
    yield from _check_settings(settings, faults)
    if settings:
        yield _check_web(settings)
        yield from _check_redis(settings)
        yield from _check_flows(settings)
        yield from _check_account(settings)
        yield from _check_fallback(settings)
        yield _check_photo_storage(settings)
        yield _check_browser_phones(settings)
        yield _check_oidc(settings)


def _check_settings(settings: Settings | None, faults: Mapping[str, str]) -> Iterator[Finding]:
    fields = {str(field.validation_alias): name for name, field in Settings.model_fields.items()}
    for variable in [*list_variables(), *(f for f in faults if f not in list_variables())]:
        if variable in faults:
            yield Finding(what=variable or "settings", level=FindingLevel.ERROR, says=faults[variable])
        elif settings:
            says = redis_url.hide_passwords(_format_setting(getattr(settings, fields[variable])))
            yield Finding(what=variable, level=FindingLevel.OK, says=says)


def _format_setting(value: object) -> str:
    if isinstance(value, SecretStr):
        return "set" if value.get_secret_value() else "not set"
    if isinstance(value, tuple):
        return ", ".join(value) or "none"
    return "none" if value is None else f"{value}" or "none"


def _check_web(settings: Settings) -> Finding:
    host = "IVR_HOST set" if settings.given_host else "IVR_HOST not set"
    says = f"listens on {settings.listen_address} ({settings.port_source}; {host})"
    return Finding(what="web", level=FindingLevel.OK, says=says)


def _check_redis(settings: Settings) -> Iterator[Finding]:
    try:
        with open_connection(settings) as redis:
            held = quarantine_state.get_current(Store(redis))
            server, faults = fitness.examine(redis, full_share=settings.alarm_percent / 100)
            faults += standby.find_missing_replicas(redis, settings.replicas) or standby.list_advice(
                redis, settings.replicas
            )
    except Unavailable as e:
        yield Finding(what="record", level=FindingLevel.ERROR, says=str(e))
        return
    if not faults:
        says = f"{server}, every write on disk before it is answered"
        yield Finding(what="record", level=FindingLevel.OK, says=says)
    if held is not None:
        yield Finding(
            what="quarantine",
            level=FindingLevel.WARNING,
            says=f"{held.reason}: callers are served, nobody is rung or texted",
            fix="`ivr quarantine show` says what happened meanwhile; then lift it.",
        )
    for fault in faults:
        accepted = not fault.is_fatal or (fault.loses_a_second and settings.accept_one_second_loss)
        level = FindingLevel.WARNING if accepted else FindingLevel.ERROR
        yield Finding(what="record", level=level, says=f"{server} {fault.problem}", fix=fault.fix)


def _check_flows(settings: Settings) -> Iterator[Finding]:
    try:
        found = load_library(settings)
        refuse_traps(found)
    except CalorError as e:
        for fault in str(e).splitlines():
            yield Finding(
                what="flows",
                level=FindingLevel.ERROR,
                says=fault,
                fix="Correct the file; `ivr flows check` says more.",
            )
        return
    names = ", ".join(found.flows)
    yield Finding(what="flows", level=FindingLevel.OK, says=f"{names} in {settings.flows}")
    yield from _check_published_version(settings, found)
    yield from _check_coverage(settings, found)
    for url in sorted({step.url for step in list_lookup_steps(found)}):
        yield _check_lookup(settings, url)


def _check_published_version(settings: Settings, files: Library) -> Iterator[Finding]:
    """Which version the line follows; a record that is away has been told already."""
    try:
        with open_connection(settings) as redis:
            store = Store(redis)
            wanted = store.get_line_status().flow_version
            follows = make_flow_versions(settings, store).get_current().version
            entry = next((e for e in reversed(list_published(store)) if e.version == wanted), None)
    except Unavailable:
        return
    if not wanted:
        return
    told = f'{wanted} is published, by {entry.actor}: "{entry.reason}"' if entry else f"{wanted} is published"
    if follows != wanted:
        yield Finding(
            what="flows",
            level=FindingLevel.ERROR,
            says=f"{told}; this release cannot read it and follows {follows}",
            fix="Update this release, or publish flows that it can read.",
        )
    elif files.version != wanted:
        yield Finding(
            what="flows",
            level=FindingLevel.WARNING,
            says=f"{told}; the files are another draft",
            fix="`ivr flows diff` shows what differs; publish it, or `ivr flows pull`.",
        )
    else:
        yield Finding(what="flows", level=FindingLevel.OK, says=told)


def _check_coverage(settings: Settings, flows: Library) -> Iterator[Finding]:
    try:
        with open_connection(settings) as redis:
            told = coverage.list_unserved_queues(Store(redis), flows)
    except Unavailable:
        return  # the record, said already
    for says in told:
        fix = "Give somebody these skills (`ivr agents add`), or ask for fewer in queues.yaml."
        yield Finding(what="queues", level=FindingLevel.WARNING, says=says, fix=fix)


def _check_lookup(settings: Settings, url: str) -> Finding:
    """Reached, and nothing asked of it: it is to see no caller who is none."""
    what = "lookup"
    try:
        LookupClient(settings).check_reachable(url)
    except LookupFailed as e:
        fix = "Callers go on by the `else` of that step meanwhile, and agents are told less."
        return Finding(what=what, level=FindingLevel.ERROR, says=f"{url}: {e}", fix=fix)
    return Finding(what=what, level=FindingLevel.OK, says=f"{url} can be reached")


def _check_account(settings: Settings) -> Iterator[Finding]:
    try:
        account = make_telephony(settings)
        facts = account.fetch_account()
        says = f"{facts.name} ({facts.sid}), {facts.status}"
        if facts.status != "active":
            yield Finding(
                what="account", level=FindingLevel.ERROR, says=says, fix="Reactivate it in Twilio's console."
            )
        elif facts.kind == "Trial":
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


def _check_fallback(settings: Settings) -> Iterator[Finding]:
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


def _check_photo_storage(settings: Settings) -> Finding:
    """Something is put there, read and deleted."""
    place, what = make_photo_storage(settings), "ivr-doctor.jpg"
    try:
        place.put(what, b"")
        place.get(what)
        place.delete(what)
    except PhotoStorageUnavailable as e:
        fix = "Until it is mended, photos that customers text are not seen by anybody; they are fetched afterwards."
        return Finding(what="photos", level=FindingLevel.ERROR, says=str(e), fix=fix)
    return Finding(what="photos", level=FindingLevel.OK, says=f"kept in {settings.photos}")


def _check_browser_phones(settings: Settings) -> Finding:
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


def _check_oidc(settings: Settings) -> Finding:
    what, provider = "OpenID Connect", make_provider(settings)
    if provider is None:
        return Finding(what=what, level=FindingLevel.OK, says="none: people sign in with passwords")
    try:
        provider.check_reachable()
    except OpenIdUnavailable as e:
        fix = "Compare IVR_OIDC_ISSUER with what the provider says. Passwords go on meanwhile."
        return Finding(what=what, level=FindingLevel.ERROR, says=str(e), fix=fix)
    says = f"{settings.oidc_issuer} answers; it must send people back to {settings.public_url}{CALLBACK_PATH}"
    return Finding(what=what, level=FindingLevel.OK, says=says)
