"""A call to one of the account's numbers: from a person, or from another call of the account."""

from collections.abc import Mapping, Sequence

from ivr.emulator.account.resources import Application, Number
from ivr.emulator.account.world import World
from ivr.emulator.calls.leg import Leg
from ivr.emulator.calls.leg_lifecycle import incoming
from ivr.emulator.calls.phones import Action
from ivr.emulator.calls.signals import Ask, Events


class NobodyAnswers(Exception):
    """No number of the account with a VoiceUrl."""


def answered(world: World, to: str) -> bool:
    """Whether an app takes calls to this number."""
    return _owner(world, world.number(to)) is not None


def arrive(
    world: World,
    *,
    from_: str,
    to: str,
    script: Sequence[Action] = (),
    extra: Mapping[str, str] | None = None,
) -> Leg:
    """A new leg, already ringing. `extra`: parameters of all its requests. Raises NobodyAnswers."""
    number = world.number(to)
    owner = _owner(world, number)
    if number is None or owner is None:
        raise NobodyAnswers(f"nobody takes calls to {to}: no number of the account with a VoiceUrl")
    exchange = world.exchange
    world.tidy()
    callback = owner.get("status_callback")
    leg = Leg(
        exchange=exchange,
        sid=exchange.sids.new("CA"),
        from_=from_,
        to=to,
        direction="inbound",
        created=exchange.now,
        phone=world.phone(from_),
        number_sid=number.sid,
        fallback=Ask(
            url=owner.get("voice_fallback_url"), method=owner.get("voice_fallback_method") or "POST"
        ),
        events=Events(url=callback, method=owner.get("status_callback_method") or "POST")
        if callback
        else None,
        extra={"CallToken": exchange.sids.new("")} | dict(extra or {}),
    )
    world.calls[leg.sid] = leg
    ask = Ask(url=owner.get("voice_url"), method=owner.get("voice_method") or "POST")
    incoming(world, leg, ask, script)
    return leg


def _owner(world: World, number: Number | None) -> Application | Number | None:
    """Whose webhooks answer: the number's application, or the number itself."""
    if number is None:
        return None
    owner = world.application(number.get("voice_application_sid")) or number
    return owner if owner.get("voice_url") else None
