"""The provider is away, or set up wrongly."""

from __future__ import annotations

import socket
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from flask import Flask

from ivr.cli.doctor.checks import run_checks
from ivr.cli.doctor.finding import FindingLevel
from ivr.domain.errors import BadSetting
from ivr.oidc import make_provider
from ivr.oidc.provider import AuthlibProvider as Client
from ivr.services import Services
from ivr.settings import load_settings
from ivr.usecases.staff import sign_in_oidc
from tests.test_settings import ENOUGH
from tests.web.browser import Browser, words
from tests.web.oidc_provider import Provider
from tests.web.staff.pages.provider_sign_in import BACK, given


def test_a_provider_that_is_away_or_another_is_said_to_people_and_by_the_doctor(
    still: Services, provider: Provider, tmp_path: Path
) -> None:
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        nobody = f"http://127.0.0.1:{held.getsockname()[1]}"
        for issuer in (nobody, f"{provider.issuer}/"):
            settings = {**ENOUGH, **given(provider), "IVR_OIDC_ISSUER": issuer}
            assert isinstance(
                sign_in_oidc.start_sign_in(still, Client(load_settings(settings)), "/"),
                sign_in_oidc.ProviderUnavailable,
            )
    settings = {
        **ENOUGH,
        **given(provider),
        "REDIS_URL": "redis://127.0.0.1:1/0",
        "TWILIO_API_URL": nobody,
        "IVR_FLOWS": str(tmp_path),
    }
    for issuer, level in ((provider.issuer, FindingLevel.OK), (nobody, FindingLevel.ERROR)):
        found = run_checks({**settings, "IVR_OIDC_ISSUER": issuer})
        assert [f.level for f in found if f.what == "OpenID Connect"] == [level]


def test_without_its_settings_there_is_no_provider(still: Services, staff_app: Callable[..., Flask]) -> None:
    stranger = Browser(app=staff_app())
    assert "openid" not in words(stranger.get("/sign-in"))
    assert {stranger.get(path).status_code for path in ("/sign-in/openid", BACK)} == {404}
    assert make_provider(still.settings) is None


@pytest.mark.parametrize(
    ("values", "says"),
    [
        ({"IVR_OIDC_CLIENT_SECRET": ""}, "IVR_OIDC_CLIENT_SECRET"),
        ({"IVR_OIDC_ISSUER": "http://accounts.example.com"}, "no https|not an https"),
        ({"IVR_OIDC_ISSUER": "accounts.example.com"}, "not an https"),
    ],
)
def test_half_a_provider_stops_start_up(provider: Provider, values: dict[str, str], says: str) -> None:
    with pytest.raises(BadSetting, match=says):
        load_settings({**ENOUGH, **given(provider), **values})


def test_without_authlib_it_is_said_what_to_install(
    provider: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "authlib", None)
    with pytest.raises(BadSetting, match="pip install authlib"):
        load_settings({**ENOUGH, **given(provider)})
    assert any("pip install authlib" in f.says for f in run_checks({**ENOUGH, **given(provider)}))
