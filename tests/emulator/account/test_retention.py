"""What is over is let go after a while: an emulator that runs for weeks does not grow."""

from collections.abc import Iterator

import pytest

from tests.emulator.harness import HANG_UP, LINE, START, VICKI, App, Emulator, emulating, pause

HOUR = 3600


@pytest.fixture
def forgetful(app: App) -> Iterator[Emulator]:
    with emulating("--clock", "manual", "--start", START, "--keep", "1") as url:
        emulator = Emulator(url)
        emulator.api.incoming_phone_numbers.create(phone_number=LINE, voice_url=f"{app.url}/answer")
        yield emulator
        emulator.close()


def test_what_ended_before_the_time_to_keep_is_gone_and_what_goes_on_is_not(
    forgetful: Emulator, app: App
) -> None:
    app.pages["/answer"] = "<Gather timeout='9000'/>"
    ended, going = forgetful.dial(HANG_UP), forgetful.dial()
    forgetful.api.messages.create(to=VICKI, from_=LINE, body="Hello")
    forgetful.run(10)
    before = forgetful.log()
    forgetful.run(HOUR + 60)
    late = forgetful.dial(pause(1), HANG_UP)
    forgetful.run(2)
    assert [call.sid for call in forgetful.api.calls.list()] == [late, going]
    assert forgetful.api.messages.list() == []
    after = forgetful.log()
    assert forgetful.log(call=ended) == []
    assert after[0]["n"] == len(before) + 1  # numbers stay what they were
    assert forgetful.control("GET", f"/log?after={after[-2]['n']}")["entries"] == after[-1:]


def test_nothing_is_let_go_within_a_week_by_itself(emulator: Emulator) -> None:
    emulator.dial(HANG_UP)
    emulator.run(1)
    before = emulator.log()
    emulator.run(6 * 24 * HOUR)
    emulator.dial(HANG_UP)
    assert emulator.log()[: len(before)] == before
