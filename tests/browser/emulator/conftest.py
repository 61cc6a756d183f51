from collections.abc import Iterator

import pytest

from tests.emulator.harness import LINE, App, Emulator, emulating, serving

MENU = "Thank you for calling. Press one for baggage, press two for bookings, or stay on the line for somebody else."


@pytest.fixture
def app() -> Iterator[App]:
    """Its menu's key 1 rings Danielle."""
    with serving(App()) as app:
        app.pages["/answer"] = f'<Gather numDigits="1" action="/chosen"><Say>{MENU}</Say></Gather>'
        app.pages["/chosen"] = "<Dial><Number>+15550133333</Number></Dial>"
        yield app


@pytest.fixture
def emulator(app: App) -> Iterator[Emulator]:
    """On a clock that runs by itself."""
    with emulating("--speed", "2") as url:
        emulator = furnished(url, app)
        yield emulator
        emulator.close()


@pytest.fixture
def still(app: App) -> Iterator[Emulator]:
    """On a clock that stands still until somebody moves it."""
    with emulating("--clock", "manual") as url:
        emulator = furnished(url, app)
        yield emulator
        emulator.close()


def furnished(url: str, app: App) -> Emulator:
    emulator = Emulator(url)
    emulator.api.incoming_phone_numbers.create(
        phone_number=LINE, voice_url=f"{app.url}/answer", sms_url=f"{app.url}/text"
    )
    return emulator
