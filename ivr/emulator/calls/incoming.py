"""A call to one of the account's numbers: from a person, or from another call of the account."""

from collections.abc import Mapping, Sequence

from ivr.emulator.account.resources import Application, IncomingPhoneNumber
from ivr.emulator.account.world import World
from ivr.emulator.calls.leg import CallLeg
from ivr.emulator.calls.leg_lifecycle import start_incoming
from ivr.emulator.calls.phones import ScriptAction
from ivr.emulator.calls.signals import StatusCallback, TwimlSource


class NoVoiceWebhook(Exception):
    """No number of the account with a VoiceUrl."""


def has_voice_webhook(world: World, to: str) -> bool:
    """Whether an app takes calls to this number."""
    return _find_voice_owner(world, world.find_number(to)) is not None


def create_incoming_call(
    world: World,
    *,
    from_: str,
    to: str,
    script: Sequence[ScriptAction] = (),
    extra_params: Mapping[str, str] | None = None,
) -> CallLeg:
    """A new leg, already ringing. `extra_params`: parameters of all its requests. Raises NoVoiceWebhook."""
    number = world.find_number(to)
    owner = _find_voice_owner(world, number)
    if number is None or owner is None:
        raise NoVoiceWebhook(f"nobody takes calls to {to}: no number of the account with a VoiceUrl")
    exchange = world.exchange
    world.remove_expired()
    callback = owner.get("status_callback")
    leg = CallLeg(
        exchange=exchange,
        sid=exchange.sids.new("CA"),
        from_=from_,
        to=to,
        direction="inbound",
        created_at=exchange.now,
        phone=world.find_phone(from_),
        number_sid=number.sid,
        fallback=TwimlSource(
            url=owner.get("voice_fallback_url"), method=owner.get("voice_fallback_method") or "POST"
        ),
        status_callback=StatusCallback(url=callback, method=owner.get("status_callback_method") or "POST")
        if callback
        else None,
        extra_params={"CallToken": exchange.sids.new("")} | dict(extra_params or {}),
    )
    world.calls[leg.sid] = leg
    ask = TwimlSource(url=owner.get("voice_url"), method=owner.get("voice_method") or "POST")
    start_incoming(world, leg, ask, script)
    return leg


def _find_voice_owner(
    world: World, number: IncomingPhoneNumber | None
) -> Application | IncomingPhoneNumber | None:
    """Whose webhooks answer: the number's application, or the number itself."""
    if number is None:
        return None
    owner = world.find_application(number.get("voice_application_sid")) or number
    return owner if owner.get("voice_url") else None
