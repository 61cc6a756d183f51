"""Twilio's codes: https://www.twilio.com/docs/api/errors"""

from __future__ import annotations

import pytest

from ivr.domain.errors import (
    CallGone,
    Misconfigured,
    NoTexts,
    NumberUnusable,
    TelephonyError,
    TryLater,
    Unclear,
)
from ivr.telephony.errors import CODES_BY_ERROR, make_error


@pytest.mark.parametrize(
    ("status", "code", "kind"),
    [
        (400, 21220, CallGone),
        (404, 20404, CallGone),
        (400, 21211, NumberUnusable),
        (400, 13225, NumberUnusable),
        (400, 21610, NoTexts),
        (400, 21614, NoTexts),
        (429, 20429, TryLater),
        (503, 20503, Unclear),
        (429, 0, TryLater),
        (500, 20500, Unclear),
        (503, 0, Unclear),
        (502, 0, Unclear),
        (401, 20003, Misconfigured),
        (403, 0, Misconfigured),
    ],
)
def test_each_code_says_what_to_do_next(status: int, code: int, kind: type[TelephonyError]) -> None:
    error = make_error(status=status, code=code, message="No.")
    assert type(error) is kind
    assert (error.code, error.status) == (code, status)


def test_a_wrong_caller_id_is_our_fault_and_not_the_customers_number() -> None:
    """21210 and 21212 speak of `From`: a promise to that customer must not be given up for them."""
    assert {type(make_error(status=400, code=code)) for code in (21210, 21212, 21213)} == {Misconfigured}


def test_an_unknown_refusal_is_none_of_these() -> None:
    assert type(make_error(status=400, code=99999)) is TelephonyError


def test_no_code_has_two_meanings() -> None:
    codes = [code for kind in CODES_BY_ERROR.values() for code in kind]
    assert len(codes) == len(set(codes))


def test_the_message_names_the_code() -> None:
    assert str(make_error(status=400, code=21220, message="Call is not in-progress.")) == (
        "Twilio answered 21220: Call is not in-progress."
    )
    assert (
        str(make_error(status=502))
        == "Twilio answered 502: Twilio did not answer clearly; it may have happened."
    )
