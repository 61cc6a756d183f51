from collections.abc import Iterator

import pytest

from tests.emulator.harness import LINE, START, App, Emulator, emulating, serving


@pytest.fixture(scope="session")
def process() -> Iterator[str]:
    with emulating("--clock", "manual", "--start", START, "--seed", "7") as url:
        yield url


@pytest.fixture
def app() -> Iterator[App]:
    with serving(App()) as app:
        yield app


@pytest.fixture
def emulator(process: str, app: App) -> Iterator[Emulator]:
    """A new account on a manual clock, whose one number is answered by the app at /answer."""
    emulator = Emulator(process)
    emulator.control("POST", "/reset")
    emulator.api.incoming_phone_numbers.create(
        phone_number=LINE,
        voice_url=f"{app.url}/answer",
        voice_fallback_url=f"{app.url}/fallback",
        status_callback=f"{app.url}/status",
        sms_url=f"{app.url}/text",
    )
    yield emulator
    emulator.control("POST", "/reset")
    emulator.close()
