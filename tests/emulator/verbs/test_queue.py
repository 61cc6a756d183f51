"""https://www.twilio.com/docs/voice/twiml/enqueue and /queue"""

from tests.emulator.harness import (
    DANIELLE,
    HANG_UP,
    LINE,
    VICKI,
    App,
    Emulator,
    listen,
    pause,
    press,
    say,
)

ENQUEUE = '<Enqueue waitUrl="/wait" action="/left">support</Enqueue><Say>Next verb.</Say>'


def test_the_wait_document_is_asked_for_again_when_it_has_run_out(emulator: Emulator, app: App) -> None:
    app.pages["/answer"] = ENQUEUE
    app.pages["/wait"] = "<Say>Please hold on</Say><Pause length='9'/>"
    emulator.dial()
    emulator.run(25)
    waits = app.to("/wait")
    assert [one["QueueTime"] for one in waits] == ["0", "10", "20"]
    assert {one["QueuePosition"] for one in waits} == {"1"}
    assert {one["CurrentQueueSize"] for one in waits} == {"1"}
    assert {one["MaxQueueSize"] for one in waits} == {"1000"}
    assert waits[0]["QueueSid"].startswith("QU")


def test_positions_follow_the_order_of_arrival(emulator: Emulator, app: App) -> None:
    app.pages["/answer"] = ENQUEUE
    app.pages["/wait"] = "<Pause length='10'/>"
    emulator.dial()
    emulator.run(4)
    emulator.dial(from_=VICKI)
    emulator.run(1)
    second = app.to("/wait")[-1]
    assert (second["QueuePosition"], second["CurrentQueueSize"], second["AvgQueueTime"]) == ("2", "2", "2")


def test_a_gather_may_run_while_waiting_and_leave_goes_to_the_action(emulator: Emulator, app: App) -> None:
    app.pages["/answer"] = ENQUEUE
    app.pages["/wait"] = "<Gather numDigits='1' action='/key'><Say>Press one to leave</Say></Gather>"
    app.pages["/key"] = "<Leave/>"
    app.pages["/left"] = "<Say>You have left.</Say>"
    caller = emulator.dial(listen("to leave"), press("1"))
    emulator.run(5)
    assert app.to("/key")[0]["QueuePosition"] == "1"
    assert app.to("/left")[0]["QueueResult"] == "leave"
    assert emulator.spoken_texts(caller)[-1] == "You have left."


def test_leave_without_an_action_goes_on_with_the_next_verb(emulator: Emulator, app: App) -> None:
    app.pages["/answer"] = '<Enqueue waitUrl="/wait">support</Enqueue><Say>Next verb.</Say>'
    app.pages["/wait"] = "<Leave/>"
    caller = emulator.dial()
    emulator.run(3)
    assert emulator.spoken_texts(caller) == ["Next verb."]


def test_hanging_up_requests_the_action_with_hangup(emulator: Emulator, app: App) -> None:
    app.pages["/answer"] = ENQUEUE
    app.pages["/wait"] = "<Pause length='10'/>"
    emulator.dial(pause(12), HANG_UP)
    emulator.run(15)
    (left,) = app.to("/left")
    assert (left["QueueResult"], left["QueueTime"], left["CallStatus"]) == ("hangup", "12", "completed")


def test_hangup_in_the_wait_document_ends_the_call(emulator: Emulator, app: App) -> None:
    app.pages["/answer"] = ENQUEUE
    app.pages["/wait"] = "<Hangup/>"
    caller = emulator.dial()
    emulator.run(1)
    assert app.to("/left")[0]["QueueResult"] == "hangup"
    assert emulator.api.calls(caller).fetch().status == "completed"


def test_a_wait_document_that_fails_is_an_error_for_the_action(emulator: Emulator, app: App) -> None:
    app.pages["/answer"] = ENQUEUE
    app.pages["/wait"] = "<Dial>+15550199999</Dial>"
    emulator.dial()
    emulator.run(1)
    assert app.to("/left")[0]["QueueResult"] == "error"


def test_a_redirect_by_the_api_requests_the_action_first(emulator: Emulator, app: App) -> None:
    app.pages["/answer"] = ENQUEUE
    app.pages["/wait"] = "<Pause length='10'/>"
    app.pages["/new"] = "<Say>Here.</Say>"
    caller = emulator.dial()
    emulator.run(5)
    emulator.api.calls(caller).update(url=f"{app.url}/new")
    emulator.run(2)
    assert [path for path in app.paths() if path in {"/left", "/new"}] == ["/left", "/new"]
    assert app.to("/left")[0]["QueueResult"] == "redirected"
    assert emulator.spoken_texts(caller) == ["Here."]


def test_a_member_can_be_dequeued_to_another_document(emulator: Emulator, app: App) -> None:
    app.pages["/answer"] = ENQUEUE
    app.pages["/wait"] = "<Pause length='10'/>"
    app.pages["/new"] = "<Say>Your turn.</Say>"
    caller = emulator.dial()
    emulator.run(3)
    (queue,) = emulator.api.queues.list()
    (member,) = emulator.api.queues(queue.sid).members.list()
    assert (member.call_sid, member.position, member.wait_time) == (caller, 1, 3)
    emulator.api.queues(queue.sid).members("Front").update(url=f"{app.url}/new")
    emulator.run(3)
    assert emulator.spoken_texts(caller) == ["Your turn."]
    assert emulator.api.queues(queue.sid).fetch().current_size == 0


def test_a_full_queue_is_said_to_the_action_at_once(emulator: Emulator, app: App) -> None:
    app.pages["/answer"] = ENQUEUE
    app.pages["/wait"] = "<Pause length='10'/>"
    emulator.api.queues.create(friendly_name="support", max_size=1)
    emulator.dial()
    emulator.dial(from_=VICKI)
    emulator.run(1)
    (left,) = app.to("/left")
    assert left["QueueResult"] == "queue-full"
    assert "QueueTime" not in left
    assert 14207 in emulator.errors()


def test_dialling_the_queue_connects_with_who_waits_longest(emulator: Emulator, app: App) -> None:
    app.pages["/answer"] = ENQUEUE
    app.pages["/wait"] = "<Pause length='10'/>"
    app.pages["/agent"] = "<Dial action='/done'><Queue url='/whisper'>support</Queue></Dial>"
    app.pages["/whisper"] = "<Say>An agent is here</Say>"
    caller = emulator.dial()
    emulator.run(7)
    emulator.dial(from_=DANIELLE)
    emulator.phone(VICKI, answers=True, after=1, script=[{"do": "bridged"}, pause(4), HANG_UP])
    agent = emulator.api.calls.create(to=VICKI, from_=LINE, url=f"{app.url}/agent").sid
    emulator.run(20)
    (whisper,) = app.to("/whisper")
    assert (whisper["CallSid"], whisper["QueueTime"], whisper["DequeingCallSid"]) == (caller, "8", agent)
    assert emulator.spoken_texts(caller) == ["An agent is here"]
    (done,) = app.to("/done")
    assert (done["DialCallStatus"], done["DialCallSid"]) == ("completed", caller)
    (left,) = app.to("/left")
    assert (left["CallSid"], left["QueueResult"], left["QueueTime"]) == (caller, "bridged", "8")


def test_dialling_a_queue_that_is_not_there_fails(emulator: Emulator, app: App) -> None:
    app.pages["/answer"] = "<Dial action='/done'><Queue>nowhere</Queue></Dial>"
    emulator.dial()
    emulator.run(1)
    assert app.to("/done")[0]["DialCallStatus"] == "failed"


def test_dialling_an_empty_queue_waits_for_its_timeout(emulator: Emulator, app: App) -> None:
    app.pages["/answer"] = "<Dial action='/done' timeout='10'><Queue>support</Queue></Dial>"
    emulator.api.queues.create(friendly_name="support")
    emulator.dial()
    emulator.run(9)
    assert not app.to("/done")
    emulator.run(2)
    assert app.to("/done")[0]["DialCallStatus"] == "no-answer"


def bridged(emulator: Emulator, app: App, *script: dict[str, object]) -> tuple[str, str]:
    """A caller taken out of the queue by an agent who then does what the script says; their sids."""
    app.pages["/answer"] = ENQUEUE
    app.pages["/wait"] = "<Pause length='10'/>"
    app.pages["/agent"] = "<Dial action='/done' hangupOnStar='true'><Queue>support</Queue></Dial>"
    app.pages["/left"] = "<Say>Anything else?</Say><Pause length='9'/>"
    app.pages["/done"] = "<Pause length='9'/>"
    caller = emulator.dial()
    emulator.run(3)
    emulator.phone(VICKI, answers=True, after=1, script=[{"do": "bridged"}, *script])
    agent = emulator.api.calls.create(to=VICKI, from_=LINE, url=f"{app.url}/agent").sid
    emulator.run(2)
    return caller, str(agent)


def test_the_caller_goes_on_at_the_action_when_the_agent_hangs_up(emulator: Emulator, app: App) -> None:
    caller, _ = bridged(emulator, app, pause(3), HANG_UP)
    assert not app.to("/left")
    emulator.run(5)
    assert app.to("/left")[0]["QueueResult"] == "bridged"
    assert emulator.spoken_texts(caller) == ["Anything else?"]


def test_star_parts_the_two_and_both_go_on(emulator: Emulator, app: App) -> None:
    caller, agent = bridged(emulator, app, pause(3), press("*"), say("Are you there"))
    emulator.run(8)
    assert not emulator.log("heard", call=caller)
    assert emulator.leg(agent)["hears"]["sound"] == "silence"
    assert app.to("/done")[0]["DialCallStatus"] == "completed"
    assert app.to("/left")[0]["QueueResult"] == "bridged"


def test_a_caller_sent_elsewhere_from_the_bridge_says_so_and_frees_the_agent(
    emulator: Emulator, app: App
) -> None:
    app.pages["/new"] = "<Say>Elsewhere.</Say>"
    caller, _ = bridged(emulator, app)
    emulator.api.calls(caller).update(url=f"{app.url}/new")
    emulator.run(3)
    assert app.to("/left")[0]["QueueResult"] == "redirected-from-bridged"
    assert emulator.spoken_texts(caller) == ["Elsewhere."]
    assert app.to("/done")[0]["DialCallStatus"] == "completed"


def test_a_caller_who_hangs_up_frees_the_agent(emulator: Emulator, app: App) -> None:
    caller, agent = bridged(emulator, app)
    emulator.act(caller, "hang_up")
    emulator.run(1)
    assert app.to("/done")[0]["DialCallSid"] == caller
    assert emulator.leg(agent)["status"] == "in-progress"
