"""Settings: each missing or wrong one stops start-up with its name and the fix."""

from __future__ import annotations

from datetime import time
from pathlib import Path

import pytest
from pydantic import SecretStr, ValidationError

from ivr.domain.errors import BadSetting
from ivr.settings import Settings, load_settings
from ivr.settings.env_example import format_env_example, list_variables

ENOUGH = {
    "TWILIO_ACCOUNT_SID": "AC" + "0" * 32,
    "TWILIO_AUTH_TOKEN": "token",
    "PUBLIC_URL": "https://line.example.com",
    "REDIS_URL": "redis://127.0.0.1:6379/0",
}


def fault(**values: str) -> str:
    with pytest.raises(BadSetting) as raised:
        load_settings(ENOUGH | values)
    return str(raised.value)


def test_four_settings_are_enough() -> None:
    settings = load_settings(ENOUGH)
    assert settings.countries == ("US", "CA")
    assert (settings.calling_hours_end, settings.calling_hours_start) == (time(21), time(8))
    assert settings.flows == Path("flows")


def test_a_missing_one_is_named_with_what_depends_on_it_and_the_line_that_explains_it() -> None:
    with pytest.raises(BadSetting) as raised:
        load_settings({k: v for k, v in ENOUGH.items() if k != "TWILIO_AUTH_TOKEN"})
    line = format_env_example().splitlines().index("TWILIO_AUTH_TOKEN=") + 1
    assert str(raised.value) == (
        "`TWILIO_AUTH_TOKEN` is not set. The app cannot tell Twilio's webhooks from anybody's without it. Set it in the "
        f"environment or `.env` (see `.env.example`, line {line}), or run `ivr demo`, which needs no account."
    )


def test_an_empty_one_is_not_set() -> None:
    assert fault(REDIS_URL="").startswith("`REDIS_URL` is not set.")
    assert load_settings(ENOUGH | {"IVR_PORT": ""}).port == 8000


@pytest.mark.parametrize(
    ("given", "listens_on"),
    [
        ({}, "127.0.0.1:8000"),
        ({"PORT": "5000"}, "0.0.0.0:5000"),
        ({"PORT": "5000", "IVR_HOST": "127.0.0.1"}, "127.0.0.1:5000"),
        ({"PORT": "5000", "IVR_HOST": "::"}, "[::]:5000"),
        ({"PORT": "5000", "IVR_PORT": "8001"}, "127.0.0.1:8001"),
        ({"IVR_PORT": "0"}, "127.0.0.1:0"),
        ({"IVR_HOST": "10.0.0.7"}, "10.0.0.7:8000"),
    ],
)
def test_only_the_port_of_a_runner_makes_the_web_server_listen_on_all_addresses(
    given: dict[str, str], listens_on: str
) -> None:
    assert load_settings(ENOUGH | given).listen_address == listens_on


def test_a_port_that_is_none_is_named() -> None:
    assert fault(PORT="tcp://10.0.0.7:80").startswith("`PORT` is wrong: ")


def test_everything_wrong_is_said_at_once() -> None:
    said = fault(IVR_PORT="eighty", IVR_COUNTRIES="US,Kanada", PUBLIC_URL="line.example.com")
    assert said.count("is wrong") == 3


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("TWILIO_ACCOUNT_SID", "AC12"),
        ("PUBLIC_URL", "https://line.example.com/ivr"),
        ("IVR_FALLBACK_NUMBERS", "+12025550171,911"),
        ("IVR_COUNTRIES", "XX"),
        ("IVR_HOLD_MAX_SECONDS", "61"),
        ("IVR_CALLS_PER_SECOND", "0"),
        ("IVR_CALLS_PER_SECOND", "inf"),
        ("IVR_CALLING_HOURS_END", "25:00"),
        ("IVR_DEFAULT_TIME_ZONE", "Mars/Olympus"),
        ("IVR_DEFAULT_TIME_ZONE", "../etc/passwd"),
        ("IVR_READ_BACK", "everybody"),
        ("REDIS_URL", "localhost:6379"),
        ("IVR_LOOKUP_HOSTS", "https://crm.example.com"),
        ("IVR_LOOKUP_HOSTS", "*.example.com"),
        ("IVR_COMPANY", ""),
    ],
)
def test_a_wrong_one_is_named(variable: str, value: str) -> None:
    if value:
        assert fault(**{variable: value}).startswith(f"`{variable}` is wrong: ")
    else:
        assert load_settings(ENOUGH | {variable: value})


def test_a_misspelt_one_is_not_silently_ignored() -> None:
    assert fault(IVR_HOLDMAX="30") == "`IVR_HOLDMAX` is not a setting. Did you mean `IVR_HOLD_MAX_SECONDS`?"


def test_time_stands_still_only_without_a_real_account() -> None:
    assert "IVR_CLOCK" in fault(IVR_CLOCK="manual")
    emulated = {"TWILIO_API_URL": "http://127.0.0.1:8100", "PUBLIC_URL": "http://127.0.0.1:8000"}
    assert load_settings(ENOUGH | emulated | {"IVR_CLOCK": "manual"}).clock == "manual"


def test_callers_words_do_not_cross_the_internet_in_the_clear() -> None:
    assert "https" in fault(PUBLIC_URL="http://line.example.com")


@pytest.mark.parametrize("url", ["https://api.twilio.com", "https://api.dublin.ie1.twilio.com"])
def test_any_of_twilios_addresses_is_a_real_account(url: str) -> None:
    assert load_settings(ENOUGH | {"TWILIO_API_URL": url}).is_real_account


@pytest.mark.parametrize("url", ["http://127.0.0.1:8100", "https://nottwilio.com"])
def test_any_other_address_is_not(url: str) -> None:
    assert not load_settings(ENOUGH | {"TWILIO_API_URL": url}).is_real_account


def test_systems_that_may_be_asked_need_a_secret_and_private_ones_are_among_them() -> None:
    hosts = {"IVR_LOOKUP_HOSTS": "CRM.example.com, 10.0.0.7:8080"}
    assert "IVR_LOOKUP_SECRET" in fault(**hosts)
    assert "IVR_LOOKUP_SECRET" in fault(**hosts, IVR_LOOKUP_SECRET="too short")
    hosts["IVR_LOOKUP_SECRET"] = "a secret of thirty-two letters.."
    assert "names 10.0.0.8" in fault(**hosts, IVR_LOOKUP_PRIVATE="10.0.0.8")
    settings = load_settings(ENOUGH | hosts | {"IVR_LOOKUP_PRIVATE": "10.0.0.7:8080"})
    assert settings.lookup_hosts == ("crm.example.com", "10.0.0.7:8080")
    assert "thirty-two" not in repr(settings)


def test_secrets_are_never_shown() -> None:
    settings = load_settings(ENOUGH | {"TWILIO_AUTH_TOKEN": "hush-hush"})
    assert settings.twilio_auth_token == SecretStr("hush-hush")
    assert "hush-hush" not in repr(settings)
    assert "hush-hush" not in settings.signing_key


def test_links_are_signed_with_the_secret_or_with_one_made_of_the_auth_token() -> None:
    assert load_settings(ENOUGH | {"IVR_SECRET": "mine"}).signing_key == "mine"
    assert (
        load_settings(ENOUGH).signing_key
        != load_settings(ENOUGH | {"TWILIO_AUTH_TOKEN": "other"}).signing_key
    )


def test_settings_do_not_change_once_read() -> None:
    with pytest.raises(ValidationError):
        load_settings(ENOUGH).ring_seconds = 1


def test_the_environment_wins_over_the_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    lines = [f"{name}={value}" for name, value in ENOUGH.items()]
    (tmp_path / ".env").write_text("\n".join([*lines, "IVR_PORT=1", "IVR_COUNTRIES=GB,IE", "OTHER=x"]))
    monkeypatch.setenv("IVR_PORT", "2")
    settings = load_settings()
    assert (settings.port, settings.countries) == (2, ("GB", "IE"))


def test_the_example_file_is_current() -> None:
    """`ivr doctor --env-example > .env.example`"""
    assert (Path(__file__).parents[1] / ".env.example").read_text() == format_env_example()


def test_the_example_file_names_every_setting_and_its_default_is_what_it_says() -> None:
    shown = dict(
        line.removeprefix("#").split("=", 1)
        for line in format_env_example().splitlines()
        if "=" in line and line[:2] != "# "
    )
    assert shown.keys() == list_variables().keys()
    assert load_settings(ENOUGH | {k: v for k, v in shown.items() if v}) == load_settings(ENOUGH)


def test_every_setting_says_what_depends_on_it() -> None:
    assert all(field.description for field in Settings.model_fields.values())
