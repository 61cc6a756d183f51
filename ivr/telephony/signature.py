"""Is this webhook really Twilio's? https://www.twilio.com/docs/usage/security#validating-requests

The lock itself is the SDK's `RequestValidator`. The address it signs is the configured public one, not what a proxy
says it was; the validator tries it with and without the port, as Twilio's back ends differ.
"""

from __future__ import annotations

from collections.abc import Iterable

from twilio.request_validator import (
    SIGNATURE_HEADER,
    SIGNATURE_SETTINGS_HEADER,
    RequestValidator,
    get_signature_algorithm,
)

__all__ = ["SIGNATURE_HEADER", "SIGNATURE_SETTINGS_HEADER", "SignatureValidator"]


class SignatureValidator:
    """Checks webhooks signed with the account's auth token. Immutable, so shared freely."""

    def __init__(self, *, public_url: str, auth_token: str) -> None:
        self._base = public_url.rstrip("/")
        self._validator = RequestValidator(auth_token)

    def is_valid(
        self,
        path_and_query: str,
        *,
        signature: str,
        form: Iterable[tuple[str, str]] = (),
        body: bytes = b"",
        settings_header: str = "",
    ) -> bool:
        """True when Twilio signed exactly this request.

        `path_and_query`: as it was requested, still percent-encoded. `form`: the fields of a form body, repeated ones
        repeated. `body`: the raw bytes of any other body; its hash must stand in the query (`bodySHA256`).
        `settings_header`: X-Twilio-Webhooks-Signature-Settings.
        """
        sent: str | _FormFields = _FormFields(form)
        if body:
            if "bodySHA256=" not in path_and_query:
                return False  # the signature would cover the address alone
            try:
                sent = body.decode()
            except UnicodeDecodeError:
                return False
        algorithm = get_signature_algorithm(settings_header)
        return bool(self._validator.validate(self._base + path_and_query, sent, signature, algorithm))


class _FormFields(dict[str, list[str]]):
    """Form fields as the validator reads them: `getlist`, and truthy when there are any."""

    def __init__(self, pairs: Iterable[tuple[str, str]]) -> None:
        super().__init__()
        for name, value in pairs:
            self.setdefault(name, []).append(value)

    def getlist(self, name: str) -> list[str]:
        return self[name]
