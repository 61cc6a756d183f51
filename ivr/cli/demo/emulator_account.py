"""The emulator's REST API, asked as its account."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from typing import Any
from urllib.error import HTTPError
from urllib.parse import urlencode
from urllib.request import Request, urlopen

from ivr.domain.errors import CalorError
from ivr.settings import Settings


def call_rest_api(settings: Settings, path: str, form: Mapping[str, str]) -> Any:
    """GET `path` of the account, or POST `form` to it; the JSON that is answered. Raises CalorError for an error."""
    account = settings.twilio_account_sid
    credentials = f"{account}:{settings.twilio_auth_token.get_secret_value()}".encode()
    request = Request(  # noqa: S310
        f"{settings.twilio_api_url}/2010-04-01/Accounts/{account}/{path}",
        data=urlencode(form).encode() if form else None,
        headers={"Authorization": f"Basic {base64.b64encode(credentials).decode()}"},
    )
    try:
        with urlopen(request, timeout=30) as answer:  # noqa: S310
            body = answer.read()
    except HTTPError as e:
        raise CalorError(f"{request.get_method()} {request.full_url}: {e.code} {e.read().decode()}") from e
    return json.loads(body) if body else None
