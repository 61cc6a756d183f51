"""The webhooks that numbers and applications have, as a client sends them and as Twilio shows them."""

from ivr.emulator.account.world import World
from ivr.emulator.rest.form import Form, RestApiError

NAME_PARAMETERS = {"FriendlyName": "friendly_name"}
VOICE_PARAMETERS = {
    "VoiceUrl": "voice_url",
    "VoiceMethod": "voice_method",
    "VoiceFallbackUrl": "voice_fallback_url",
    "VoiceFallbackMethod": "voice_fallback_method",
    "StatusCallback": "status_callback",
    "StatusCallbackMethod": "status_callback_method",
    "VoiceCallerIdLookup": "voice_caller_id_lookup",
}
SMS_PARAMETERS = {
    "SmsUrl": "sms_url",
    "SmsMethod": "sms_method",
    "SmsFallbackUrl": "sms_fallback_url",
    "SmsFallbackMethod": "sms_fallback_method",
}
COMMON_PARAMETERS = {**NAME_PARAMETERS, **VOICE_PARAMETERS, **SMS_PARAMETERS}
FLAG_PARAMETERS = frozenset({"VoiceCallerIdLookup", "PublicApplicationConnectEnabled"})


def read_settings(form: Form, parameters: dict[str, str]) -> dict[str, str]:
    """What the form changes, by Twilio's JSON names. Raises RestApiError for an address or a method that cannot be."""
    return {ours: _read_setting(form, theirs) for theirs, ours in parameters.items() if form.is_given(theirs)}


def settings_to_json(settings: dict[str, str], parameters: dict[str, str]) -> dict[str, str | bool]:
    """Addresses are empty and methods POST until they are said."""
    made: dict[str, str | bool] = {}
    for theirs, ours in parameters.items():
        text = settings.get(ours, "")
        made[ours] = (
            text == "true"
            if theirs in FLAG_PARAMETERS
            else text or ("POST" if theirs.endswith("Method") else "")
        )
    return made


def _read_setting(form: Form, name: str) -> str:
    if name.endswith("Method"):
        return form.method(name, code=21403)
    if name in FLAG_PARAMETERS:
        return str(form.flag(name)).lower()
    if name.endswith(("Url", "Callback")):
        return form.url(name, code=21402 if name.endswith("Url") else 21502)
    return form.text(name)


def check_application_sid(world: World, form: Form, name: str) -> None:
    """Raises RestApiError when there is none of that SID; nothing takes it away."""
    sid = form.text(name)
    if sid and world.find_application(sid) is None:
        raise RestApiError(400, 21420, f"{name} is not accessible: {sid}")
