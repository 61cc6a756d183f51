"""Settings of calls: what callers hear, the company's own systems that flows may ask, and the limits of callbacks."""

from __future__ import annotations

from datetime import time
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, SecretStr

from ivr.settings.values import Countries, Hosts, Numbers, TimeZone, setting


class CallSettings(BaseModel):
    # the line
    company: str = setting(
        "IVR_COMPANY", "The name callers hear.", "our company", example="Tooty Air", min_length=1
    )
    flows: Path = setting("IVR_FLOWS", "Folder of the call flows.", Path("flows"))
    default_time_zone: TimeZone = setting(
        "IVR_DEFAULT_TIME_ZONE",
        "The time zone of a customer whose number does not tell it.",
        "America/New_York",
    )
    hold_max_seconds: int = setting(
        "IVR_HOLD_MAX_SECONDS",
        "Seconds of hold before the caller is spoken to and given a choice: a minute at most.",
        60,
        ge=10,
        le=60,
    )
    read_back: Literal["attested", "confirmed", "none"] = setting(
        "IVR_READ_BACK",
        "Who hears their own matter read back: callers whose number is attested, only those confirmed by a code, or none.",
        "attested",
    )
    shared_numbers: Numbers = setting(
        "IVR_SHARED_NUMBERS",
        "Numbers that many people call from (a switchboard, a shelter): never taken for a person.",
        (),
        example="+12025550180",
    )

    # the company's own systems, which flows may ask
    lookup_hosts: Hosts = setting(
        "IVR_LOOKUP_HOSTS",
        "Hosts of the company's own systems that `lookup` steps may ask; a port is named where it is not the usual one. Empty: none.",
        (),
        example="crm.example.com,orders.example.com:8443",
    )
    lookup_private: Hosts = setting(
        "IVR_LOOKUP_PRIVATE",
        "Those of them that may lie in a private network, and may be asked without https.",
        (),
        example="orders.example.com:8443",
    )
    lookup_secret: SecretStr = setting(
        "IVR_LOOKUP_SECRET",
        "Signs what they are asked, so that they can tell this app from anybody: 24 letters or more, known to both.",
        SecretStr(""),
        example="32 random letters",
    )

    # callbacks
    countries: Countries = setting(
        "IVR_COUNTRIES",
        "Countries that calls and texts may go to; each of +1 by its own name.",
        ("US", "CA"),
        min_length=1,
    )
    callbacks_per_number_hour: int = setting(
        "IVR_CALLBACKS_PER_NUMBER_HOUR", "Promises in an hour to ring one number.", 4, ge=1
    )
    callbacks_per_number_day: int = setting(
        "IVR_CALLBACKS_PER_NUMBER_DAY", "Promises in a day to ring one number.", 10, ge=1
    )
    calls_per_number_hour: int = setting(
        "IVR_CALLS_PER_NUMBER_HOUR", "Times in an hour that one number is rung.", 6, ge=1
    )
    other_numbers_per_hour: int = setting(
        "IVR_OTHER_NUMBERS_PER_HOUR",
        "Promises of one line in an hour to ring another number than the caller's.",
        30,
        ge=1,
    )
    unverified_callbacks_per_hour: int = setting(
        "IVR_UNVERIFIED_CALLBACKS_PER_HOUR",
        "Promises of one line in an hour to callers it does not know and whose number nobody attests.",
        300,
        ge=1,
    )
    calling_hours_end: time = setting(
        "IVR_CALLING_HOURS_END",
        "From this time on nobody is called back, by the customer's own clock.",
        time(21),
    )
    calling_hours_start: time = setting(
        "IVR_CALLING_HOURS_START",
        "From this time on people may be called back again, by the customer's own clock.",
        time(8),
    )
    recheck_seconds: int = setting(
        "IVR_RECHECK_SECONDS",
        "After an unclear answer from Twilio, how long to wait before looking whether the call was made.",
        60,
        ge=1,
        le=600,
    )
