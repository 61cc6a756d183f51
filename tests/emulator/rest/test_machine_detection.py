"""Detection of machines: synchronous, asynchronous and unknown."""

import pytest

from tests.emulator.harness import (
    LINE,
    VICKI,
    App,
    Emulator,
)


def test_detection_of_machines_holds_back_the_first_document_unless_it_is_asynchronous(
    emulator: Emulator, app: App
) -> None:
    emulator.phone(VICKI, machine={"greeting": "This is Vicki leave a message"}, after=1)
    emulator.api.calls.create(
        to=VICKI,
        from_=LINE,
        url=f"{app.url}/out",
        machine_detection="Enable",
        status_callback=f"{app.url}/progress",
    )
    emulator.run(3)
    assert not app.seen
    emulator.run(5)
    assert app.to("/out")[0]["AnsweredBy"] == "machine_start"
    assert app.to("/progress")[0]["AnsweredBy"] == "machine_start"


def test_asynchronous_detection_reports_later_without_numbers(emulator: Emulator, app: App) -> None:
    app.pages["/out"] = "<Pause length='30'/>"
    for phone, answered_by in (
        ({"answers": True}, "human"),
        ({"machine": {"greeting": "Leave a message", "beep": True}}, "machine_end_beep"),
    ):
        emulator.phone(VICKI, after=1, **phone)
        call = emulator.api.calls.create(
            to=VICKI,
            from_=LINE,
            url=f"{app.url}/out",
            machine_detection="DetectMessageEnd",
            async_amd="true",
            async_amd_status_callback=f"{app.url}/amd",
        )
        emulator.run(1.5)
        assert app.to("/out")[-1]["CallSid"] == call.sid
        emulator.run(5)
        amd = app.to("/amd")[-1]
        assert amd["AnsweredBy"] == answered_by
        assert {"From", "To"}.isdisjoint(amd)
        assert emulator.api.calls(call.sid).fetch().answered_by == answered_by


@pytest.mark.parametrize(("limit", "answered_by"), [(30, "unknown"), (59, "machine_end_beep")])
def test_a_greeting_that_outlasts_the_detection_is_unknown(
    emulator: Emulator, app: App, limit: int, answered_by: str
) -> None:
    app.pages["/out"] = "<Pause length='60'/>"
    emulator.phone(VICKI, machine={"greeting": "and so on " * 32}, after=1)
    emulator.api.calls.create(
        to=VICKI,
        from_=LINE,
        url=f"{app.url}/out",
        machine_detection="DetectMessageEnd",
        machine_detection_timeout=limit,
        async_amd="true",
        async_amd_status_callback=f"{app.url}/amd",
    )
    emulator.run(50)
    assert [amd["AnsweredBy"] for amd in app.to("/amd")] == [answered_by]
