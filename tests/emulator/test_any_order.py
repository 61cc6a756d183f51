"""Random calls, documents, people, redirects and faults: the emulator itself never fails, and nobody stays behind."""

import random

import pytest
from twilio.base.exceptions import TwilioRestException

from tests.emulator.harness import (
    HANG_UP,
    LINE,
    App,
    Emulator,
    Json,
    Reply,
    listen,
    pause,
    press,
    say,
)

PEOPLE = [f"+155501200{number:02d}" for number in range(6)]
EVENTS = 'statusCallback="/events" statusCallbackEvent="start end join leave hold mute modify speaker announcement"'
VERBS = [
    "<Say>one two three four five</Say>",
    "<Pause length='3'/>",
    "<Play>https://music.example.com/a.mp3</Play>",
    "<Gather action='/a' input='dtmf speech' numDigits='2' timeout='3'><Say>press a key now</Say></Gather>",
    "<Gather action='/b' bargeIn='false' timeout='2'><Say>press a key now</Say></Gather>",
    f"<Dial action='/a' hangupOnStar='true' timeout='4'><Number statusCallback='/s'>{PEOPLE[0]}</Number></Dial>",
    f"<Dial answerOnBridge='true'><Number url='/b'>{PEOPLE[1]}</Number><Number>{PEOPLE[2]}</Number></Dial>",
    f"<Dial action='/b'><Conference waitUrl='/wait' {EVENTS}>Room</Conference></Dial>",
    f"<Dial><Conference endConferenceOnExit='true' participantLabel='x' {EVENTS}>Room</Conference></Dial>",
    "<Dial hangupOnStar='true'><Conference startConferenceOnEnter='false' record='true'>Room</Conference></Dial>",
    "<Dial action='/a' timeout='5'><Queue url='/wait'>line</Queue></Dial>",
    "<Enqueue action='/b' waitUrl='/a'>line</Enqueue>",
    "<Enqueue>line</Enqueue>",
    "<Record action='/a' timeout='2' maxLength='5'/>",
    "<Pause/><Redirect>/b</Redirect>",
    "<Hangup/>",
    "<Reject/>",
    "<Leave/>",
    "<Sms>hello</Sms>",
]
HAPPENINGS = ["drop", "refuse", "slow", "error", "lose_response", "twice", "late", "hang_up", "reorder"]
GONE = {21220, 20404, 16022}


class Chance:
    def __init__(self, emulator: Emulator, app: App, seed: int) -> None:
        self.emulator, self.app, self.random = emulator, app, random.Random(seed)

    def page(self, _: dict[str, str]) -> str | Reply:
        if self.random.random() < 0.05:
            return Reply("<broken", self.random.choice([200, 500]))
        return "".join(self.random.choices(VERBS, k=self.random.randint(0, 3)))

    def script(self) -> list[Json]:
        actions = [listen("key", 5), press("1"), press("*#"), say("hello there"), pause(2), HANG_UP]
        return self.random.choices(actions, k=self.random.randint(0, 5))

    def step(self) -> None:
        draw = self.random
        answering: Json = {"answers": True, "after": draw.randint(0, 4), "script": self.script()}
        nobody: list[Json] = [
            {"busy": True},
            {},
            {"machine": {"greeting": "leave a message"}},
            {"unreachable": True},
        ]
        self.emulator.phone(draw.choice(PEOPLE), **draw.choice([answering, answering, *nobody]))
        if draw.random() < 0.5:
            self.emulator.dial(*self.script(), from_=draw.choice(PEOPLE))
        else:
            self.emulator.api.calls.create(
                to=draw.choice(PEOPLE), from_=LINE, url=f"{self.app.url}/a", timeout=3
            )
        if draw.random() < 0.2:
            where, what = draw.choice(["webhook", "callback"]), draw.choice(HAPPENINGS)
            self.emulator.fault(where, what, seconds=draw.randint(0, 20))
        try:
            self.meddle(draw.choice(self.emulator.control("GET", "/legs")["legs"])["sid"])
        except TwilioRestException as problem:
            if problem.code not in GONE:
                raise
        self.emulator.run(draw.choice([0, 0.1, 1, 3]))

    def meddle(self, sid: str) -> None:
        api, draw = self.emulator.api, self.random
        match draw.randint(0, 5):
            case 0:
                api.calls(sid).update(url=f"{self.app.url}/b")
            case 1:
                api.calls(sid).update(twiml=f"<Response>{draw.choice(VERBS)}</Response>")
            case 2:
                api.calls(sid).update(status=draw.choice(["completed", "canceled"]))
            case _:
                for room in api.conferences.list(limit=1):
                    participant = api.conferences(room.sid).participants(sid)
                    hold = {"hold": draw.choice([True, False]), "hold_url": f"{self.app.url}/wait"}
                    changes: list[Json] = [hold, {"muted": True}, {"end_conference_on_exit": True}]
                    participant.update(**draw.choice(changes))


@pytest.mark.parametrize("seed", [1, 2])
def test_in_whatever_order_things_happen_everybody_who_hangs_up_is_gone(
    emulator: Emulator, app: App, seed: int
) -> None:
    chance = Chance(emulator, app, seed)
    for path in ("/answer", "/fallback", "/a", "/b", "/wait"):
        app.pages[path] = chance.page
    for _ in range(40):
        chance.step()
    for path in app.pages:
        app.pages[path] = "<Hangup/>"
    emulator.run(0)
    while alive := emulator.control("GET", "/legs?alive=1")["legs"]:
        emulator.act(alive[0]["sid"], "hang_up")
        emulator.run(0)
    emulator.run(60)
    assert [one["trace"] for one in emulator.log("error") if one["code"] == 0] == []
    rooms = emulator.control("GET", "/conferences")["conferences"]
    assert {room["status"] for room in rooms} <= {"completed"}
    assert {len(room["participants"]) for room in rooms} <= {0}
    assert [queue.current_size for queue in emulator.api.queues.list()] in ([], [0])
