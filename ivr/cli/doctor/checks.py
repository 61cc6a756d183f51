"""What `ivr doctor` looks at. Each check gives findings; none stops at the first fault."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from pydantic import SecretStr

from ivr import redis_url
from ivr.cli.doctor.finding import Finding, FindingLevel
from ivr.cli.doctor.flow_checks import check_flows
from ivr.cli.doctor.twilio_checks import check_account, check_browser_phones, check_fallback
from ivr.cli.serve.redis_ready import open_connection
from ivr.domain.errors import OpenIdUnavailable, PhotoStorageUnavailable, Unavailable
from ivr.oidc import CALLBACK_PATH, make_provider
from ivr.photo_storage import make_photo_storage
from ivr.settings import Settings
from ivr.settings.env_example import list_variables
from ivr.settings.load import validate
from ivr.store.server import fitness, standby
from ivr.store.store import Store
from ivr.usecases.quarantine import state as quarantine_state


def run_checks(values: Mapping[str, str] | None = None) -> Iterator[Finding]:
    """Everything, in the order in which it should be put right. `values`: variables, instead of the environment's."""
    settings, faults = validate(values)
    yield from _check_settings(settings, faults)
    if settings:
        yield _check_web(settings)
        yield from _check_redis(settings)
        yield from check_flows(settings)
        yield from check_account(settings)
        yield from check_fallback(settings)
        yield _check_photo_storage(settings)
        yield check_browser_phones(settings)
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
