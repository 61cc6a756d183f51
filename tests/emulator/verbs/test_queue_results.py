"""QueueResult and the rest of <Enqueue> and <Queue>: https://www.twilio.com/docs/voice/twiml/enqueue"""

from tests.emulator.harness import HANG_UP, LINE, VICKI, App, Emulator, pause, say

ENQUEUE = '<Enqueue waitUrl="/wait" action="/left">support</Enqueue>'
WHISPER = "<Say>An agent is about to speak with you now</Say>"  # 3.3 s


def whispered(emulator: Emulator, app: App, *script: dict[str, object], dial: str = "") -> tuple[str, str]:
    """A caller who hears the whisper of an agent who has taken them out of the queue; their sids."""
    app.pages["/answer"] = ENQUEUE
    app.pages["/wait"] = "<Pause length='10'/>"
    app.pages["/agent"] = f"<Dial action='/done' {dial}><Queue url='/whisper'>support</Queue></Dial>"
    app.pages["/whisper"] = WHISPER
    caller = emulator.dial()
    emulator.run(3)
    emulator.phone(VICKI, answers=True, after=1, script=list(script))
    agent = emulator.api.calls.create(to=VICKI, from_=LINE, url=f"{app.url}/agent").sid
    emulator.run(2)
    return caller, str(agent)


def test_hanging_up_during_the_whisper_is_bridging_in_process(emulator: Emulator, app: App) -> None:
    caller, _ = whispered(emulator, app)
    emulator.act(caller, "hang_up")
    emulator.run(1)
    assert app.to("/left")[0]["QueueResult"] == "bridging-in-process"
    assert app.to("/done")[0]["DialBridged"] == "false"


def test_an_agent_who_gives_up_during_the_whisper_never_bridged_the_caller(
    emulator: Emulator, app: App
) -> None:
    whispered(emulator, app, pause(2), HANG_UP)
    emulator.run(3)
    assert app.to("/left")[0]["QueueResult"] == "bridging-in-process"


def test_after_the_whisper_the_result_is_bridged_and_the_dial_says_so(emulator: Emulator, app: App) -> None:
    caller, _ = whispered(emulator, app, pause(9), HANG_UP)
    emulator.run(12)
    (left,), (done,) = app.to("/left"), app.to("/done")
    assert (left["QueueResult"], left["QueueTime"]) == ("bridged", "4")
    assert (done["DialBridged"], done["DialCallSid"], done["DequeingCallSid"]) == (
        "true",
        caller,
        done["CallSid"],
    )


def test_the_dial_of_a_queue_can_be_recorded_and_limited(emulator: Emulator, app: App) -> None:
    caller, _ = whispered(emulator, app, dial="record='record-from-answer' timeLimit='10'")
    emulator.run(4)
    emulator.act(caller, "say", words="Hello there")
    emulator.run(15)
    (done,) = app.to("/done")
    assert done["RecordingDuration"] == "10"
    assert emulator.log("recorded")[0]["words"] == "Hello there"


def test_a_queue_takes_its_size_from_the_first_enqueue(emulator: Emulator, app: App) -> None:
    app.pages["/answer"] = '<Enqueue waitUrl="" action="/left" maxQueueSize="1">small</Enqueue>'
    emulator.dial()
    emulator.dial(from_=VICKI)
    emulator.run(1)
    assert [one["QueueResult"] for one in app.to("/left")] == ["queue-full"]


def test_an_enqueue_for_a_workflow_waits_and_says_that_nobody_will_come(emulator: Emulator, app: App) -> None:
    task = '<Task priority="5">{"skill": "es"}</Task>'
    app.pages["/answer"] = f'<Enqueue workflowSid="WW1" waitUrl="/wait">{task}</Enqueue>'
    app.pages["/wait"] = "<Say>Please hold</Say><Pause length='9'/>"
    call = emulator.dial()
    emulator.run(2)
    assert emulator.spoken_texts(call) == ["Please hold"]
    assert emulator.log("not_emulated", call=call)[0]["nouns"] == [{"noun": "Task", "workflowSid": "WW1"}]
    assert emulator.errors() == []


def test_a_caller_in_the_queue_may_speak_to_its_gather(emulator: Emulator, app: App) -> None:
    app.pages["/answer"] = ENQUEUE
    app.pages["/wait"] = '<Gather input="speech" action="/choice" speechTimeout="1" timeout="9"/>'
    app.pages["/choice"] = "<Leave/>"
    emulator.dial(pause(2), say("Call me back"))
    emulator.run(6)
    (choice,) = app.to("/choice")
    assert (choice["SpeechResult"], choice["QueuePosition"]) == ("Call me back", "1")
    assert app.to("/left")[0]["QueueResult"] == "leave"
