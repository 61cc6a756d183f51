"""What a browser on another site can do with the emulator: nothing."""

import pytest

from tests.emulator.harness import App, Emulator, emulating
from tests.emulator.pages.asking import ask

CALL = '{"from": "+15550111111", "to": "+15550100200"}'


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://127.0.0.1:1"},
        {"Sec_Fetch_Site": "cross-site"},
        {"Sec_Fetch_Site": "same-site"},
        {"Host": "evil.example", "Origin": "http://evil.example"},
        {"Host": "evil.example"},
        {"Host": "127.0.0.1.evil.example:8100"},
        {"Host": "localhost.evil.example"},
    ],
)
@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/emulator/calls"),
        ("DELETE", "/emulator/faults"),
        ("POST", "/emulator/reset"),
        ("POST", "/2010-04-01/Accounts"),
    ],
)
def test_a_browser_on_another_site_can_change_nothing(
    emulator: Emulator, app: App, headers: dict[str, str], method: str, path: str
) -> None:
    assert ask(emulator, method, path, CALL, **headers).status == 403
    assert emulator.log("dialled") == []
    assert len(emulator.control("GET", "/state")["numbers"]) == 1


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec_Fetch_Site": "cross-site", "Sec_Fetch_Mode": "no-cors"},
        {"Host": "evil.example"},
        {"Host": "a.b:80"},
    ],
)
@pytest.mark.parametrize("path", ["/emulator/log", "/emulator/events", "/emulator/state"])
def test_a_browser_on_another_site_can_read_nothing(
    emulator: Emulator, headers: dict[str, str], path: str
) -> None:
    assert ask(emulator, "GET", path, **headers).status == 403


@pytest.mark.parametrize(
    "headers",
    [
        {},  # a program
        {"Host": "localhost"},
        {"Host": "emulator:8100"},  # a container beside it
        {"Host": "[::1]:8100"},
        {"Host": "localhost:8100", "Origin": "http://localhost:8100", "Sec_Fetch_Site": "same-origin"},
    ],
)
def test_programs_and_the_emulators_own_pages_pass(
    emulator: Emulator, app: App, headers: dict[str, str]
) -> None:
    app.pages["/answer"] = "<Pause/>"
    assert ask(emulator, "POST", "/emulator/calls", CALL, **headers).status == 200


def test_a_link_from_another_site_opens_the_pages(emulator: Emulator) -> None:
    visit = {"Sec_Fetch_Site": "cross-site", "Sec_Fetch_Mode": "navigate"}
    assert ask(emulator, "GET", "/switchboard", **visit).status == 200
    assert ask(emulator, "GET", "/emulator/log", **visit).status == 200


def test_a_name_that_the_emulator_was_told_is_its_own() -> None:
    with emulating("--known-as", "phones.example") as url:
        emulator = Emulator(url)
        try:
            assert ask(emulator, "GET", "/emulator/legs", Host="phones.example:8100").status == 200
            assert ask(emulator, "GET", "/emulator/legs", Host="other.example:8100").status == 403
        finally:
            emulator.close()
