"""Signing in at a provider."""

from __future__ import annotations

from tests.web.oidc_provider import CLIENT, SECRET, Provider

BACK = "/sign-in/openid/back"


def given(provider: Provider) -> dict[str, str]:
    name = {"IVR_OIDC_NAME": "<Acme> {ID}"}
    return {
        "IVR_OIDC_ISSUER": provider.issuer,
        "IVR_OIDC_CLIENT_ID": CLIENT,
        "IVR_OIDC_CLIENT_SECRET": SECRET,
    } | name
