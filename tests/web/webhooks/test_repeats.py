"""Twilio repeats a webhook that it had no answer to, with the same I-Twilio-Idempotency-Token, and late ones overtake:
the answer is the same, and nothing is changed twice.
"""

from __future__ import annotations

from typing import Any

from ivr.cli.demo.stage import Stage
from ivr.domain.records.contact import ContactState, Outcome
from ivr.store import keys
from tests.stories.people import contacts, promises
from tests.web.webhooks.twilio import Twilio, call

REASON = "my suitcase is still in Seattle"


def record(stage: Stage) -> dict[str, Any]:
    """Everything that is kept, but for when somebody must look next."""
    redis: Any = stage.services.store.redis
    read = {"hash": redis.hgetall, "string": redis.get, "set": redis.smembers, "stream": redis.xlen}
    kept = {}
    for key in redis.scan_iter(count=1000):
        if key in ("due", "scheduler_last_run", "manual_clock", "database_id") or key.startswith(
            ("rq:", "archiving:")
        ):
            continue
        kind = redis.type(key)
        kept[key] = read[kind](key) if kind in read else redis.sort(key, alpha=True)
    return kept


def test_the_same_new_call_twice_is_one_contact(stage: Stage, twilio: Twilio) -> None:
    first = twilio.post("/voice/answer", call(), token="t1")
    stage.settle()
    kept = record(stage)
    again = twilio.post("/voice/answer", call(), token="t1")
    assert again.verbs == first.verbs
    stage.settle()
    assert record(stage) == kept


def test_the_same_key_twice_moves_the_caller_once(stage: Stage, twilio: Twilio) -> None:
    twilio.post("/voice/answer", call())
    (contact,) = contacts(stage)
    key = call(Digits="1")
    first = twilio.post(f"/voice/step/{contact.id}/1", key, token="t2")
    stage.settle()
    kept = record(stage)
    again = twilio.post(f"/voice/step/{contact.id}/1", key, token="t2")
    assert again.verbs == first.verbs
    stage.settle()
    assert record(stage) == kept


def test_a_late_key_of_an_earlier_menu_changes_nothing(stage: Stage, twilio: Twilio) -> None:
    twilio.post("/voice/answer", call())
    (contact,) = contacts(stage)
    for n in (1, 2, 3):
        twilio.post(f"/voice/step/{contact.id}/{n}", call())
    stage.settle()
    kept = record(stage)
    late = twilio.post(f"/voice/step/{contact.id}/1", call(Digits="2"))
    assert late.verbs
    stage.settle()
    assert record(stage) == kept


def _waiting(stage: Stage, twilio: Twilio) -> str:
    twilio.post("/voice/answer", call())
    (contact,) = contacts(stage)
    for n in range(1, 8):
        if contact.state is ContactState.WAITING:
            break
        twilio.post(f"/voice/step/{contact.id}/{n}", call(Digits="0"))
        (contact,) = contacts(stage)
    assert contact.state is ContactState.WAITING
    return contact.id


def test_the_end_of_a_call_told_twice_owes_one_promise(stage: Stage, twilio: Twilio) -> None:
    name = _waiting(stage, twilio)
    over = call(CallStatus="completed", QueueResult="hangup", CallDuration="40")
    stage_of = contacts(stage)[0].conference.number
    for _ in range(2):
        assert twilio.post(f"/voice/caller-left/{name}/{stage_of}", over, token="t3").verbs == ["Hangup"]
        assert twilio.post("/voice/status", over).status == 204
    (contact,) = contacts(stage)
    assert contact.outcome is Outcome.PROMISED
    assert len(promises(stage)) == 1


def test_a_recorded_message_told_twice_is_one_promise_and_one_note(stage: Stage, twilio: Twilio) -> None:
    twilio.post("/voice/answer", call())
    (contact,) = contacts(stage)
    told = call(RecordingUrl="https://api.twilio.com/2010-04-01/Recordings/RE1", RecordingDuration="7")
    for _ in range(2):
        assert twilio.post(f"/voice/recorded/{contact.id}/1", told, token="t4").verbs
    (owed,) = promises(stage)
    assert stage.services.store.redis.llen(f"case:{owed.case}:thread") == 1


def test_a_text_told_twice_declines_once_and_has_the_same_answer(stage: Stage, twilio: Twilio) -> None:
    name = _waiting(stage, twilio)
    over = call(CallStatus="completed", QueueResult="hangup")
    twilio.post(f"/voice/caller-left/{name}/{contacts(stage)[0].conference.number}", over)
    text = {"From": "+12025550155", "To": "+12025550100", "Body": "NO", "MessageSid": "SM1"}
    first = twilio.post("/texts/incoming", text, token="t5")
    assert first.verbs == ["Message"]
    stage.settle()
    kept = record(stage)
    assert twilio.post("/texts/incoming", text, token="t5").body == first.body
    stage.settle()
    assert record(stage) == kept
    assert [p.state.value for p in promises(stage)] == ["declined"]


def _without_itself(kept: dict[str, object]) -> dict[str, object]:
    """But for the contact, and the word that it has changed."""
    return {
        name: what
        for name, what in kept.items()
        if not name.startswith("contact:") and name != keys.CHANGE_FEED
    }


def test_events_of_an_earlier_room_change_nothing(stage: Stage, twilio: Twilio) -> None:
    name = _waiting(stage, twilio)
    stage.settle()
    kept = record(stage)
    for event in ("participant-leave", "conference-end", "conference-start", "participant-join"):
        told = call(StatusCallbackEvent=event, ConferenceSid="CF1", SequenceNumber="3")
        assert twilio.post(f"/voice/conference-events/{name}/0", told).status == 204
        assert twilio.post(f"/voice/conference-events/{name}/7", told).status == 204
    assert _without_itself(record(stage)) == _without_itself(kept)
    assert contacts(stage)[0].state is ContactState.WAITING
