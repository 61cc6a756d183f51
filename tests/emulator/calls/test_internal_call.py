"""A call from one number of the account to another is two legs, as on Twilio."""

from tests.emulator.harness import LINE, App, Emulator

SECOND = "+15550100299"


def ours(emulator: Emulator, app: App) -> str:
    """A call from the line to the second number, which the app answers at /second; its CallSid."""
    emulator.api.incoming_phone_numbers.create(phone_number=SECOND, voice_url=f"{app.url}/second")
    return str(emulator.api.calls.create(to=SECOND, from_=LINE, url=f"{app.url}/first").sid)


def test_the_app_of_the_called_number_answers(emulator: Emulator, app: App) -> None:
    app.pages |= {"/first": "<Pause length='30'/>", "/second": "<Gather timeout='30'/>"}
    sid = ours(emulator, app)
    emulator.run(1)
    (asked,) = app.to("/second")
    assert (asked["From"], asked["To"], asked["Direction"]) == (LINE, SECOND, "inbound")
    assert emulator.api.calls(sid).fetch().status == "in-progress"


def test_what_one_is_told_the_other_hears_said_and_keys_played_are_keys_pressed(
    emulator: Emulator, app: App
) -> None:
    app.pages["/first"] = "<Gather input='dtmf speech' action='/heard' speechTimeout='1' timeout='20'/>"
    app.pages["/second"] = (
        "<Gather timeout='1'/><Say>I lost my suitcase</Say><Pause length='5'/><Play digits='ww12#'/><Pause/>"
    )
    app.pages["/heard"] = "<Gather action='/pressed' timeout='20'/>"
    ours(emulator, app)
    emulator.run(15)
    assert app.to("/heard")[0]["SpeechResult"] == "I lost my suitcase"
    assert app.to("/pressed")[0]["Digits"] == "12"


def test_neither_outlives_the_other(emulator: Emulator, app: App) -> None:
    app.pages |= {"/first": "<Pause length='30'/>", "/second": "<Gather timeout='3'/><Hangup/>"}
    sid = ours(emulator, app)
    emulator.run(5)
    assert emulator.api.calls(sid).fetch().status == "completed"
    app.pages |= {"/first": "<Pause length='3'/>", "/second": "<Gather timeout='30'/>"}
    emulator.api.calls.create(to=SECOND, from_=LINE, url=f"{app.url}/first")
    emulator.run(5)
    assert {call.status for call in emulator.api.calls.list()} == {"completed"}


def test_a_rejected_call_is_busy(emulator: Emulator, app: App) -> None:
    app.pages["/second"] = "<Reject reason='busy'/>"
    sid = ours(emulator, app)
    emulator.run(2)
    assert emulator.api.calls(sid).fetch().status == "busy"
    assert app.to("/first") == []
