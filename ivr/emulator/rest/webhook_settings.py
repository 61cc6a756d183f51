"""The webhooks that numbers and applications have, as a client sends them and as Twilio shows them."""

from ivr.emulator.account.world import World
from ivr.emulator.rest.form import Form, Refusal

PLAIN = {"FriendlyName": "friendly_name"}
VOICE = {
    "VoiceUrl": "voice_url",
    "VoiceMethod": "voice_method",
    "VoiceFallbackUrl": "voice_fallback_url",
    "VoiceFallbackMethod": "voice_fallback_method",
    "StatusCallback": "status_callback",
    "StatusCallbackMethod": "status_callback_method",
    "VoiceCallerIdLookup": "voice_caller_id_lookup",
}
SMS = {
    "SmsUrl": "sms_url",
    "SmsMethod": "sms_method",
    "SmsFallbackUrl": "sms_fallback_url",
    "SmsFallbackMethod": "sms_fallback_method",
}
COMMON = {**PLAIN, **VOICE, **SMS}
FLAGS = frozenset({"VoiceCallerIdLookup", "PublicApplicationConnectEnabled"})


def given(form: Form, known: dict[str, str]) -> dict[str, str]:
    """What the form changes, by Twilio's JSON names. Raises Refusal for an address or a method that cannot be."""
    return {ours: _checked(form, theirs) for theirs, ours in known.items() if form.has(theirs)}


def shown(settings: dict[str, str], known: dict[str, str]) -> dict[str, str | bool]:
    """Addresses are empty and methods POST until they are said."""
    made: dict[str, str | bool] = {}
    for theirs, ours in known.items():
        text = settings.get(ours, "")
        made[ours] = (
            text == "true" if theirs in FLAGS else text or ("POST" if theirs.endswith("Method") else "")
        )
    return made


def _checked(form: Form, name: str) -> str:
    if name.endswith("Method"):
        return form.method(name, code=21403)
    if name in FLAGS:
        return str(form.flag(name)).lower()
    if name.endswith(("Url", "Callback")):
        return form.url(name, code=21402 if name.endswith("Url") else 21502)
    return form.text(name)


def application_sid(world: World, form: Form, name: str) -> None:
    """Raises Refusal when there is none of that SID; nothing takes it away."""
    sid = form.text(name)
    if sid and world.application(sid) is None:
        raise Refusal(400, 21420, f"{name} is not accessible: {sid}")
