"""The app in this process: for requests by the thousand, which need no network to be answered wrongly."""

from __future__ import annotations

import time
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from urllib.parse import urlsplit

from flask.testing import FlaskClient

from tests.web.webhooks.twilio import Answer, Twilio


@dataclass(kw_only=True)
class Inside(Twilio):
    """As Twilio, or as a stranger."""

    client: FlaskClient

    def send(self, method: str, path: str, body: bytes | None, headers: Mapping[str, str]) -> Answer:
        began = time.monotonic()
        parts = urlsplit(self.settings.public_url)
        with closing(
            self.client.open(
                path,
                method=method,
                data=body,
                headers={**headers, **self.headers},
                base_url=f"{parts.scheme}://{parts.netloc}",
            )
        ) as told:
            return Answer(
                status=told.status_code,
                body=told.get_data(as_text=True),
                headers=dict(told.headers),
                seconds=time.monotonic() - began,
            )
