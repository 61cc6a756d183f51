"""Where a picture may be fetched from: the account's own resources, and the hosts that Twilio keeps files on."""

from __future__ import annotations

import pytest

from ivr.telephony.media import MediaClient

ACCOUNT = "AC" + "0" * 32
MEDIUM = f"/2010-04-01/Accounts/{ACCOUNT}/Messages/MM{'1' * 32}/Media/ME{'2' * 32}"


@pytest.fixture
def media() -> MediaClient:
    return MediaClient(
        account_sid=ACCOUNT, auth_token="0", api_url="https://api.twilio.com", timeout_seconds=1
    )


@pytest.mark.parametrize(
    ("url", "followed"),
    [
        ("https://api.twilio.com" + MEDIUM, True),
        ("https://mms.twiliocdn.com/AC0/1?Expires=1", True),
        ("https://media.twiliocdn.com/AC0/1?x-amz-security-token=1", True),
        ("https://s3-external-1.amazonaws.com/media.twiliocdn.com/AC0/1", True),
        ("https://s3-external-1.amazonaws.com/somebodys-bucket/media.twiliocdn.com/", False),
        ("http://mms.twiliocdn.com/AC0/1", False),
        ("https://mms.twiliocdn.com:8080/AC0/1", False),
        ("https://mms.twiliocdn.com@evil.example/", False),
        ("https://mms.twiliocdn.com.evil.example/", False),
        ("https://evil.example/mms.twiliocdn.com", False),
        ("https://169.254.169.254/latest/meta-data", False),
        ("http://127.0.0.1:6379/", False),
        ("file:///etc/passwd", False),
        ("", False),
    ],
)
def test_it_is_sent_on_to_twilios_hosts_alone(media: MediaClient, url: str, *, followed: bool) -> None:
    assert media._is_file_url(url) is followed  # noqa: SLF001 - nobody may be asked to find out


@pytest.mark.parametrize(
    ("host", "known"),
    [
        ("https://api.twilio.com", True),
        ("https://api.dublin.ie1.twilio.com", True),
        ("https://eviltwilio.com", False),
        ("https://api.twilio.com.evil.example", False),
        ("https://api.twilio.com@evil.example", False),
    ],
)
def test_an_address_in_a_webhook_is_one_of_the_accounts_media_or_nothing(
    media: MediaClient, host: str, *, known: bool
) -> None:
    assert media.parse_media_sid(host + MEDIUM) == ("ME" + "2" * 32 if known else "")
    assert media.parse_media_sid(host + MEDIUM.replace(ACCOUNT, "AC" + "9" * 32)) == ""
    assert media.parse_media_sid(host + MEDIUM + "/../../Calls") == ""
