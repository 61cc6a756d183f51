"""Twilio's error codes, translated into the one exception tree where they enter.

The codes: https://www.twilio.com/docs/api/errors. A code that is not in the table is judged by its HTTP status.
"""

from __future__ import annotations

from ivr.domain.errors import (
    CallGone,
    Misconfigured,
    NoTexts,
    NumberUnusable,
    TelephonyError,
    TryLater,
    Unclear,
)

CODES_BY_ERROR: dict[type[TelephonyError], frozenset[int]] = {
    CallGone: frozenset({21220, 20404, 16022}),
    # the other party's number: invalid, unreachable, in a country we may not call, not verified on a trial account
    NumberUnusable: frozenset({13224, 13225, 13226, 13227, 21211, 21214, 21215, 21216, 21217, 21219}),
    # our own number or account: an operator must act, and the customer's number is not to blame
    Misconfigured: frozenset({20003, 20005, 21210, 21212, 21213, 21218, 21606, 21608, 21659}),
    NoTexts: frozenset({21610, 21612, 21614, 30003, 30004, 30005, 30006}),
    TryLater: frozenset({20429}),
    # 20503 too: what was answered with "unavailable" may have been made, and only 429 says that it was not
    Unclear: frozenset({20500, 20503}),
}

_ERROR_BY_CODE = {code: kind for kind, codes in CODES_BY_ERROR.items() for code in codes}


def get_error_class(code: int, status: int = 0) -> type[TelephonyError]:
    """Which branch of the tree a code belongs to; `status` decides about codes that are not in the table."""
    if code in _ERROR_BY_CODE:
        return _ERROR_BY_CODE[code]
    if status == 429:
        return TryLater
    if status in {401, 403}:
        return Misconfigured
    return Unclear if status >= 500 else TelephonyError


def make_error(*, status: int, code: int = 0, message: str = "") -> TelephonyError:
    """The exception for an answer of the REST API, to be raised. `status` is HTTP's, `code` Twilio's or 0."""
    kind = get_error_class(code, status)
    says = message or (kind.__doc__ or "").strip()
    return kind(f"Twilio answered {code or status}: {says}", code=code, status=status)
