"""A conference to test on."""

from tests.emulator.harness import LINE, App, Emulator

EVENTS = "start end join leave mute hold modify speaker announcement"


def room(attributes: str = "", dial: str = 'action="/after"') -> str:
    return (
        f'<Dial {dial}><Conference statusCallback="/events" statusCallbackEvent="{EVENTS}" {attributes}>'
        "Room 1</Conference></Dial><Say>Unreachable.</Say>"
    )


def join(emulator: Emulator, app: App, number: str, page: str, *script: dict[str, object]) -> str:
    emulator.phone(number, answers=True, after=1, script=list(script))
    app.pages[f"/join{number[-1]}"] = page
    call = emulator.api.calls.create(to=number, from_=LINE, url=f"{app.url}/join{number[-1]}")
    emulator.run(2)
    return str(call.sid)


def events(app: App) -> list[str]:
    return [one["StatusCallbackEvent"] for one in app.to("/events")]
