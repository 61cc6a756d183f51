"""What `ivr doctor` looks at. Each check gives findings; none stops at the first fault."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from pydantic import SecretStr

from ivr import redis_url
from ivr.cli.serve.redis_ready import reach
from ivr.cli.twilio.numbers import Line, lines, telephony
from ivr.domain.errors import AlbumAway, CalorError, LookupFailed, OpenIdAway, TelephonyError, Unavailable
from ivr.flow.checker.check import refuse_traps
from ivr.flow.loader.lookup_hosts import lookups
from ivr.flow.model import Library
from ivr.lookup import Lookups
from ivr.oidc import BACK, openid
from ivr.photo_storage import album
from ivr.services import library, shelf
from ivr.settings import Settings, examine, variables
from ivr.store.queries.flow_versions import history
from ivr.store.server import fitness, standby
from ivr.store.store import Store
from ivr.telephony import tokens
from ivr.telephony.webhooks import elsewhere
from ivr.usecases.agents import device
from ivr.usecases.quarantine import state as quarantine_state
from ivr.usecases.routing import coverage


class Level(StrEnum):
    OK = "ok"
    MIND = "mind"  # it works; but
    WRONG = "wrong"


@dataclass(frozen=True, kw_only=True)
class Finding:
    what: str
    level: Level
    says: str
    fix: str = ""


def findings(values: Mapping[str, str] | None = None) -> Iterator[Finding]:
    """Everything, in the order in which it should be put right. `values`: variables, instead of the environment's."""
    settings, faults = examine(values)
    yield from _settings(settings, faults)
    if settings:
        yield _web(settings)
        yield from _record(settings)
        yield from _flows(settings)
        yield from _account(settings)
        yield from _fallback(settings)
        yield _photos(settings)
        yield _browser_phones(settings)
        yield _openid(settings)


def _settings(settings: Settings | None, faults: Mapping[str, str]) -> Iterator[Finding]:
    fields = {str(field.validation_alias): name for name, field in Settings.model_fields.items()}
    for variable in [*variables(), *(f for f in faults if f not in variables())]:
        if variable in faults:
            yield Finding(what=variable or "settings", level=Level.WRONG, says=faults[variable])
        elif settings:
            says = redis_url.shown(_shown(getattr(settings, fields[variable])))
            yield Finding(what=variable, level=Level.OK, says=says)


def _shown(value: object) -> str:
    if isinstance(value, SecretStr):
        return "set" if value.get_secret_value() else "not set"
    if isinstance(value, tuple):
        return ", ".join(value) or "none"
    return "none" if value is None else f"{value}" or "none"


def _web(settings: Settings) -> Finding:
    host = "IVR_HOST set" if settings.given_host else "IVR_HOST not set"
    says = f"listens on {settings.listens_on} ({settings.port_from}; {host})"
    return Finding(what="web", level=Level.OK, says=says)


def _record(settings: Settings) -> Iterator[Finding]:
    try:
        with reach(settings) as redis:
            held = quarantine_state.current(Store(redis))
            server, faults = fitness.examine(redis, full=settings.alarm_percent / 100)
            faults += standby.missing(redis, settings.replicas) or standby.advice(redis, settings.replicas)
    except Unavailable as e:
        yield Finding(what="record", level=Level.WRONG, says=str(e))
        return
    if not faults:
        says = f"{server}, every write on disk before it is answered"
        yield Finding(what="record", level=Level.OK, says=says)
    if held is not None:
        yield Finding(
            what="quarantine",
            level=Level.MIND,
            says=f"{held.why}: callers are served, nobody is rung or texted",
            fix="`ivr quarantine show` says what happened meanwhile; then lift it.",
        )
    for fault in faults:
        accepted = not fault.grave or (fault.loses_a_second and settings.accept_one_second_loss)
        level = Level.MIND if accepted else Level.WRONG
        yield Finding(what="record", level=level, says=f"{server} {fault.what}", fix=fault.fix)


def _flows(settings: Settings) -> Iterator[Finding]:
    try:
        found = library(settings)
        refuse_traps(found)
    except CalorError as e:
        for fault in str(e).splitlines():
            yield Finding(
                what="flows",
                level=Level.WRONG,
                says=fault,
                fix="Correct the file; `ivr flows check` says more.",
            )
        return
    names = ", ".join(found.flows)
    yield Finding(what="flows", level=Level.OK, says=f"{names} in {settings.flows}")
    yield from _published(settings, found)
    yield from _people(settings, found)
    for url in sorted({step.url for step in lookups(found)}):
        yield _lookup(settings, url)


def _published(settings: Settings, files: Library) -> Iterator[Finding]:
    """Which version the line follows; a record that is away has been told already."""
    try:
        with reach(settings) as redis:
            store = Store(redis)
            wanted = store.standing().version
            follows = shelf(settings, store).current().version
            entry = next((e for e in reversed(history(store)) if e.version == wanted), None)
    except Unavailable:
        return
    if not wanted:
        return
    told = f'{wanted} is published, by {entry.by}: "{entry.why}"' if entry else f"{wanted} is published"
    if follows != wanted:
        yield Finding(
            what="flows",
            level=Level.WRONG,
            says=f"{told}; this release cannot read it and follows {follows}",
            fix="Update this release, or publish flows that it can read.",
        )
    elif files.version != wanted:
        yield Finding(
            what="flows",
            level=Level.MIND,
            says=f"{told}; the files are another draft",
            fix="`ivr flows diff` shows what differs; publish it, or `ivr flows pull`.",
        )
    else:
        yield Finding(what="flows", level=Level.OK, says=told)


def _people(settings: Settings, flows: Library) -> Iterator[Finding]:
    try:
        with reach(settings) as redis:
            told = coverage.unserved(Store(redis), flows)
    except Unavailable:
        return  # the record, said already
    for says in told:
        fix = "Give somebody these skills (`ivr agents add`), or ask for fewer in queues.yaml."
        yield Finding(what="queues", level=Level.MIND, says=says, fix=fix)


def _lookup(settings: Settings, url: str) -> Finding:
    """Reached, and nothing asked of it: it is to see no caller who is none."""
    what = "lookup"
    try:
        Lookups(settings).look(url)
    except LookupFailed as e:
        fix = "Callers go on by the `else` of that step meanwhile, and agents are told less."
        return Finding(what=what, level=Level.WRONG, says=f"{url}: {e}", fix=fix)
    return Finding(what=what, level=Level.OK, says=f"{url} can be reached")


def _account(settings: Settings) -> Iterator[Finding]:
    try:
        account = telephony(settings)
        facts = account.account()
        says = f"{facts.name} ({facts.sid}), {facts.status}"
        if facts.status != "active":
            yield Finding(
                what="account", level=Level.WRONG, says=says, fix="Reactivate it in Twilio's console."
            )
        elif facts.kind == "Trial":
            yield Finding(
                what="account",
                level=Level.MIND,
                says=f"{says}, on trial",
                fix="Only verified numbers can be called: upgrade it.",
            )
        else:
            yield Finding(what="account", level=Level.OK, says=says)
        for line in lines(settings, account):
            yield from _line(settings, line)
    except TelephonyError as e:
        yield Finding(
            what="account",
            level=Level.WRONG,
            says=str(e),
            fix="Compare TWILIO_ACCOUNT_SID, TWILIO_AUTH_TOKEN and TWILIO_API_URL with the console.",
        )
    except CalorError:
        return  # the flows, said already


def _line(settings: Settings, line: Line) -> Iterator[Finding]:
    if line.own is None:
        yield Finding(
            what=line.number,
            level=Level.WRONG,
            says="is not a number of this account",
            fix=f"Buy it, or correct `lines:` in {settings.flows}.",
        )
        return
    if line.own.application:
        yield Finding(
            what=line.number,
            level=Level.WRONG,
            says=f"is answered by the TwiML app {line.own.application}",
            fix="Remove the app from the number.",
        )
    for difference in line.wrong:
        yield Finding(
            what=line.number,
            level=Level.WRONG,
            says=f"{difference.what} is {difference.has or 'not set'}, not {difference.needs}",
            fix="Run `ivr twilio setup`.",
        )
    if not line.wrong:
        yield Finding(what=line.number, level=Level.OK, says="its webhooks lead here")
    if not elsewhere(line.own.webhooks.voice_fallback_url, settings.public_url):
        yield Finding(
            what=line.number,
            level=Level.MIND,
            says="its fallback is on the same host as PUBLIC_URL, and fails with it",
            fix="Put the output of `ivr twilio fallback` into a TwiML Bin, and run `ivr twilio setup --fallback` with its address.",
        )


def _fallback(settings: Settings) -> Iterator[Finding]:
    if settings.fallback_numbers:
        yield Finding(
            what="fallback",
            level=Level.OK,
            says=f"{len(settings.fallback_numbers)} telephones ring when the line is broken",
        )
    else:
        yield Finding(
            what="fallback",
            level=Level.MIND,
            says="while the line is broken, callers can only leave a message",
            fix="Name people's telephones in IVR_FALLBACK_NUMBERS.",
        )


def _photos(settings: Settings) -> Finding:
    """Something is put there, read and deleted."""
    place, what = album(settings), "ivr-doctor.jpg"
    try:
        place.put(what, b"")
        place.get(what)
        place.delete(what)
    except AlbumAway as e:
        fix = "Until it is mended, photos that customers text are not seen by anybody; they are fetched afterwards."
        return Finding(what="photos", level=Level.WRONG, says=str(e), fix=fix)
    return Finding(what="photos", level=Level.OK, says=f"kept in {settings.photos}")


def _browser_phones(settings: Settings) -> Finding:
    """The API key is tried: a token that it signed is refused only when an agent's phone is to ring."""
    what = "browser phones"
    if not settings.browser_phones:
        return Finding(what=what, level=Level.OK, says="none: agents answer on telephones")
    try:
        tokens.try_key(device.api_key(settings), settings.twilio_api_url)
    except TelephonyError as e:
        fix = "Make a standard API key in Twilio's console, for TWILIO_API_KEY_SID and TWILIO_API_KEY_SECRET."
        return Finding(what=what, level=Level.WRONG, says=f"the API key does not work: {e}", fix=fix)
    return Finding(what=what, level=Level.OK, says="agents may answer in the browser")


def _openid(settings: Settings) -> Finding:
    what, provider = "OpenID Connect", openid(settings)
    if provider is None:
        return Finding(what=what, level=Level.OK, says="none: people sign in with passwords")
    try:
        provider.look()
    except OpenIdAway as e:
        fix = "Compare IVR_OIDC_ISSUER with what the provider says. Passwords go on meanwhile."
        return Finding(what=what, level=Level.WRONG, says=str(e), fix=fix)
    says = f"{settings.oidc_issuer} answers; it must send people back to {settings.public_url}{BACK}"
    return Finding(what=what, level=Level.OK, says=says)
