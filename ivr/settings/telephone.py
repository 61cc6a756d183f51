"""Settings of the telephone network: Twilio's API, whose number callbacks show, and how phones are rung."""

from __future__ import annotations

from pydantic import BaseModel, SecretStr

from ivr.settings.values import BaseUrl, Number, Numbers, setting

TWILIO_API_URL = "https://api.twilio.com"


class TelephoneSettings(BaseModel):
    twilio_api_key_sid: str = setting(
        "TWILIO_API_KEY_SID",
        "An API key of the account, with which agents may answer in the browser. Empty: they answer on telephones only.",
        "",
        example="SK followed by 32 hexadecimal digits",
        pattern=r"^(SK[0-9a-fA-F]{32})?$",
    )
    twilio_api_key_secret: SecretStr = setting(
        "TWILIO_API_KEY_SECRET", "The secret of that API key; Twilio shows it once.", SecretStr("")
    )
    twilio_api_url: BaseUrl = setting(
        "TWILIO_API_URL", "Where the REST API is: Twilio's own, or an emulator's.", TWILIO_API_URL
    )
    caller_id: Number = setting(
        "IVR_CALLER_ID",
        "The number that callbacks and offers come from. Empty: the line the customer called.",
        "",
    )
    fallback_numbers: Numbers = setting(
        "IVR_FALLBACK_NUMBERS",
        "Telephones of people, dialled in turn while the line itself is broken. Without one, callers can only leave a message then.",
        (),
        example="+12025550171,+12025550172",
    )
    calls_per_second: float = setting(
        "IVR_CALLS_PER_SECOND",
        "Calls started per second, as the account allows.",
        1.0,
        gt=0,
        le=1000,
        allow_inf_nan=False,
    )
    ring_seconds: int = setting(
        "IVR_RING_SECONDS", "How long an agent's phone rings before the next is tried.", 20, ge=5, le=60
    )
