"""https://www.twilio.com/docs/usage/webhooks/webhooks-connection-overrides"""

import pytest

from tests.emulator.harness import LINE, App, Emulator, Reply


def attempts(emulator: Emulator, app: App, fragment: str, status: int, seconds: float = 1) -> int:
    """How often /answer was asked before the fallback was."""
    (number,) = emulator.api.incoming_phone_numbers.list(phone_number=LINE)
    number.update(voice_url=f"{app.url}/answer#{fragment}")
    app.pages["/answer"] = Reply("", status)
    emulator.dial()
    emulator.run(seconds)
    assert len(app.to("/fallback")) == 1
    return app.paths().count("/answer")


@pytest.mark.parametrize(
    ("fragment", "status", "count"),
    [
        ("", 500, 1),
        ("rp=5xx", 500, 2),
        ("rp=5xx", 404, 1),
        ("rp=4xx", 404, 2),
        ("rp=4xx&rc=3", 429, 4),
        ("rp=all&rc=2", 503, 3),
        ("rp=ct,rt,5xx&rc=2", 503, 3),
        ("rp=5xx&rc=0", 500, 1),
        ("rp=5xx&rc=9", 500, 6),
        ("rp=ct&rc=5", 500, 1),
    ],
)
def test_the_policy_says_what_is_tried_again_and_the_count_how_often(
    emulator: Emulator, app: App, fragment: str, status: int, count: int
) -> None:
    assert attempts(emulator, app, fragment, status) == count


def test_the_read_timeout_may_be_shorter(emulator: Emulator, app: App) -> None:
    emulator.fault("webhook", "slow", "/answer", seconds=3)
    assert attempts(emulator, app, "rt=2000", 200, seconds=2.5) == 1
    assert app.to("/fallback")[0]["ErrorCode"] == "11205"


def test_the_total_time_ends_the_retries(emulator: Emulator, app: App) -> None:
    for _ in range(5):
        emulator.fault("webhook", "slow", "/answer", seconds=2)
    assert attempts(emulator, app, "rt=1000&tt=2500&rc=5&rp=rt", 500, seconds=4) < 5


def test_every_attempt_has_the_same_idempotency_token_and_another_request_another(
    emulator: Emulator, app: App
) -> None:
    attempts(emulator, app, "rp=5xx&rc=2", 500)
    tokens = [(one.path, one.headers["i-twilio-idempotency-token"]) for one in app.seen]
    assert len({token for path, token in tokens if path == "/answer"}) == 1
    assert len({token for _, token in tokens}) == len({path for path, _ in tokens}) > 1


def test_attributes_of_twiml_may_carry_overrides_too(emulator: Emulator, app: App) -> None:
    app.pages["/answer"] = "<Redirect>/next#rp=5xx&amp;rc=2</Redirect>"
    app.pages["/next"] = Reply("", 500)
    emulator.dial()
    emulator.run(1)
    assert app.paths().count("/next") == 3
