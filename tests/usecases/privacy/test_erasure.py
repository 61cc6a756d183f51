"""A person is forgotten: after whole stories nothing of them is found anywhere, and what happened still is."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from ivr.cli.demo.stage import OUR_NUMBER, Stage
from ivr.domain.actor import Actor, Channel
from ivr.domain.errors import CalorError
from ivr.domain.records.contact import Contact, ContactState, Outcome
from ivr.domain.records.contact_parts import Caller
from ivr.domain.records.customer import Case, Customer, Text, TextState
from ivr.domain.records.erasure import Erasure, ErasureStep
from ivr.domain.records.promise import NumberLock, Promise, PromiseState
from ivr.services import Services
from ivr.store import keys
from ivr.store.change import Change
from ivr.store.queries import due_index
from ivr.usecases.callbacks import reschedule
from ivr.usecases.customers import profile as customer_profile
from ivr.usecases.event_log import audit_log
from ivr.usecases.integrity.check import check_integrity
from ivr.usecases.privacy import erased_list, erasure
from ivr.usecases.scheduler import dispatch
from tests.stories.callbacks.owed import KEEPS_IT, PICKS_UP, promised, text, until
from tests.stories.people import DIANE, LORI
from tests.usecases.photos.pictures import picture

ADA = Actor(id="ada", channel=Channel.TERMINAL)
OTHER = "+12025550166"
# long enough that no random id has one of them by chance
PRIVATE = ("2025550155", "555-0155", "Lori", "Miller", "suitcase", "Albany", "not fax", "secret garden")


def everything(redis: Any) -> list[str]:
    """Every key, and all that is under it."""
    read = {
        "string": redis.get,
        "hash": redis.hgetall,
        "list": lambda k: redis.lrange(k, 0, -1),
        "set": redis.smembers,
        "zset": lambda k: redis.zrange(k, 0, -1, withscores=True),
        "stream": redis.xrange,
    }
    names = [name for name in redis.scan_iter(count=1000) if not name.startswith("rq:")]
    return [f"{name} {read[redis.type(name)](name)}" for name in names]


def found_in(lines: list[str]) -> list[str]:
    return [line for line in lines if any(word.lower() in line.lower() for word in PRIVATE)]


def ran(services: Services, begun: Erasure) -> Erasure:
    done = erasure.run_steps(services, begun.id)
    assert done is not None
    return done


def at_twilio(stage: Stage) -> list[str]:
    told: list[str] = []
    for record_type in ("Messages", "Calls", "Recordings"):
        listed = stage.call_rest_api(f"{record_type}.json?PageSize=1000")[record_type.lower()]
        told += [json.dumps(one) for one in listed]
    return told


def test_after_a_whole_story_nothing_of_her_is_found_anywhere_and_that_it_was_kept_still_is(
    stage: Stage,
) -> None:
    s = stage.services
    customer_profile.set_name(s, LORI, "Lori Miller")
    customer_profile.edit_needs(s, LORI, "cannot fax", author="Diane")
    promised(stage)
    stage.set_phone(LORI, name="Lori", script=PICKS_UP)
    stage.add_agent("Diane", DIANE, KEEPS_IT)
    kept = until(stage, 300, PromiseState.KEPT)
    stage.play(30)
    text(stage, "5 the secret garden was kind")
    url = _upload(stage, picture())
    stage.call_control_api(
        "POST", "/emulator/texts", {"from": LORI, "to": OUR_NUMBER, "body": "it did not fax", "media": [url]}
    )
    stage.play(120)
    folder = Path(stage.settings.photos)
    assert found_in(everything(s.store.redis))
    assert found_in(at_twilio(stage))
    assert list(folder.iterdir())
    before = _facts(s)

    listed = erasure.preview_erasure(s, LORI)
    done = ran(s, erasure.begin_erasure(s, LORI, actor=ADA))
    stage.play(5)

    assert found_in(everything(s.store.redis)) == []
    assert found_in(at_twilio(stage)) == []
    assert list(folder.iterdir()) == []
    assert [p for p in stage.settings.spool.rglob("*") if p.is_file() and found_in([p.read_text()])] == []
    assert _facts(s) == before
    assert (done.step, done.number) == (ErasureStep.DONE, "")
    for what in ("promises", "contacts", "cases", "texts", "photos", "calls at Twilio", "texts at Twilio"):
        assert done.erased[what] >= listed.counts[what] > 0, what
    assert not check_integrity(s).violations
    assert s.store.get(Promise, kept.id) is not None
    told = [e for e in audit_log.iter_audit_log(s) if e.event == "person erased"]
    assert [(e.get("by"), e.get("erasure")) for e in told] == [("ada", done.id)]
    assert s.store.read(due_index.list_scheduled()) & {done.key} == set()


def _facts(services: Services) -> list[object]:
    """How and when: by ids and codes."""
    contacts = [
        (c.id, c.outcome, c.started_at, c.after_call.rating, c.disposition, c.talked)
        for c in services.store.list_all(Contact)
    ]
    owed = [
        (p.id, p.state, p.due_by, p.ended_at, p.attempts, p.owner) for p in services.store.list_all(Promise)
    ]
    return [contacts, owed]


def _upload(stage: Stage, data: bytes) -> str:
    from urllib.request import Request, urlopen

    request = Request(f"{stage.emulator_url}/emulator/pictures", data, {"Content-Type": "image/jpeg"})  # noqa: S310
    with urlopen(request, timeout=10) as answer:  # noqa: S310
        url: str = json.load(answer)["url"]
    return url


# with nobody at work


def put(services: Services, *records: Any) -> None:
    change = services.store.begin()
    for record in records:
        change.put(None, record)
    assert services.store.commit(change)


def lori(services: Services, **told: Any) -> None:
    """She rang an hour ago, was called back, and was texted about it."""
    at = services.clock.now() - 3600
    ended: dict[str, Any] = {"state": ContactState.ENDED, "outcome": Outcome.PROMISED, "started_at": at}
    put(
        services,
        Customer(
            id=LORI, name="Lori Miller", stored_needs=("cannot fax (Diane)",), last_contact="c1", **told
        ),
        Contact(
            id="c1",
            reason="my suitcase",
            promise="p1",
            case="k1",
            **ended,
            caller=Caller(number=LORI, name="Lori"),
        ),
        Promise(
            id="p1",
            customer=LORI,
            number=LORI,
            contact="c1",
            case="k1",
            created_at=at,
            state=PromiseState.KEPT,
            reason="my suitcase",
        ),
        Case(id="k1", customer=LORI, subject="my suitcase", opened_at=at),
        Text(
            id="t1",
            to=LORI,
            body="about your suitcase",
            about="promise:p1",
            created_at=at,
            state=TextState.SENT,
        ),
    )
    change = Change(now=at)
    change.append_command(
        "RPUSH", keys.case_thread("k1"), json.dumps({"at": at, "kind": "note", "words": "In Albany"})
    )
    change.append_command("SET", keys.last_text(LORI, OUR_NUMBER), "p1")
    assert services.store.commit(change)


def away(services: Services, done: Erasure) -> None:
    """Here, everything is gone; Twilio cannot be reached at all in these tests."""
    assert (done.step, bool(done.not_erased)) == (ErasureStep.TWILIO, True)
    number = services.store.redis.hget(done.key, "number")
    services.store.redis.hset(done.key, "number", "")
    assert found_in(everything(services.store.redis)) == []
    services.store.redis.hset(done.key, "number", number)


def test_while_twilio_is_away_it_is_gone_here_and_tried_there_again(still: Services) -> None:
    lori(still)
    listed = erasure.preview_erasure(still, LORI)
    assert "cannot be reached" in listed.twilio_error
    done = ran(still, erasure.begin_erasure(still, LORI, actor=ADA))
    away(still, done)
    assert done.key in still.store.read(due_index.list_scheduled())
    assert erasure.begin_erasure(still, LORI, actor=ADA).id == done.id  # asked twice, it is the same


class Died(Exception):
    """The worker, at this very moment."""


def test_it_goes_on_wherever_it_dies(still: Services) -> None:
    commit = still.store.commit
    for nth in range(12):
        still.store.redis.flushall()
        still.store.redis.set(keys.MANUAL_CLOCK, "1795460400.000")
        lori(still)
        left = nth

        def dies(change: Change) -> bool:
            nonlocal left
            left -= 1
            if left < 0:
                raise Died
            return commit(change)

        begun = erasure.begin_erasure(still, LORI, actor=ADA)
        still.store.commit = dies  # type: ignore[method-assign] # this process is about to be lost
        try:
            erasure.run_steps(still, begun.id)
        except Died:
            assert begun.key in still.store.read(due_index.list_scheduled())
        finally:
            still.store.commit = commit  # type: ignore[method-assign]
        for _ in range(12):
            dispatch.process_due(still, begun.key)
        done = still.store.get(Erasure, begun.id)
        assert done is not None
        away(still, done)
        assert (done.erased["contacts"], done.erased["promises"], done.erased["texts"]) == (1, 1, 1)


def test_not_while_they_are_on_the_line_or_nobody_has_said_how_it_went(still: Services) -> None:
    lori(still, live_contact="c2")
    talk = Contact(
        id="c2", state=ContactState.TALKING, started_at=still.clock.now(), caller=Caller(number=LORI)
    )
    put(still, talk)
    change = still.store.begin()
    change.schedule(talk, change.now + 5)
    still.store.commit(change)
    with pytest.raises(erasure.CannotEraseYet, match="on the line"):
        erasure.begin_erasure(still, LORI, actor=ADA)
    still.store.redis.hset("contact:c2", "state", "awaiting disposition")
    with pytest.raises(erasure.CannotEraseYet, match="has not said yet"):
        erasure.begin_erasure(still, LORI, actor=ADA)
    assert still.store.get(Customer, LORI) is not None


def test_not_while_a_call_is_owed_unless_they_want_none(stage: Stage) -> None:
    owed = promised(stage)
    with pytest.raises(erasure.CannotEraseYet, match=f"ivr callbacks cancel {owed.id}"):
        erasure.begin_erasure(stage.services, LORI, actor=ADA)
    begun = erasure.begin_erasure(stage.services, LORI, actor=ADA, decline_promises=True)
    assert stage.play(120, until=lambda: _over(stage.services, begun))
    assert found_in(everything(stage.services.store.redis)) == []
    declined = stage.services.store.get(Promise, owed.id)
    assert declined is not None
    assert declined.state is PromiseState.DECLINED


def _over(services: Services, begun: Erasure) -> bool:
    found = services.store.get(Erasure, begun.id)
    return found is not None and found.step is ErasureStep.DONE


def test_who_asked_not_to_be_called_is_not_called_though_they_are_forgotten(still: Services) -> None:
    lori(still, no_calls=True, no_texts=True)
    assert erasure.preview_erasure(still, LORI).kept_preferences == ("do not call", "no texts")
    ran(still, erasure.begin_erasure(still, LORI, actor=ADA))
    bare = still.store.get(Customer, LORI)
    assert bare is not None
    assert (bare.no_calls, bare.no_texts, bare.name, bare.stored_needs, bare.last_contact) == (
        True,
        True,
        "",
        (),
        "",
    )
    assert not reschedule.may_call(still, LORI)


def test_another_persons_records_stay_as_they_are(still: Services) -> None:
    lori(still)
    at = still.clock.now() - 60
    longer = f"{LORI}1"  # begins as hers does
    put(still, Customer(id=OTHER, name="Vera"), NumberLock(id=longer))
    put(
        still,
        Contact(
            id="c9", reason="a bill", started_at=at, state=ContactState.ENDED, caller=Caller(number=OTHER)
        ),
    )
    ran(still, erasure.begin_erasure(still, LORI, actor=ADA))
    vera, talk = still.store.get(Customer, OTHER), still.store.get(Contact, "c9")
    assert vera is not None
    assert talk is not None
    assert (vera.name, talk.reason) == ("Vera", "a bill")
    assert still.store.get(NumberLock, longer) is not None


def test_who_comes_back_meanwhile_is_somebody_new(still: Services) -> None:
    lori(still)
    begun = erasure.begin_erasure(still, LORI, actor=ADA)
    still.store.redis.set(keys.MANUAL_CLOCK, f"{still.clock.now() + 60:.3f}")
    still.clock.sync()
    told: dict[str, Any] = {"state": ContactState.ENDED, "started_at": still.clock.now()}
    new = Contact(id="c3", reason="hello again", **told, caller=Caller(number=LORI))
    put(still, Customer(id=LORI, live_contact="c3"), new)
    erasure.run_steps(still, begun.id)
    back, again = still.store.get(Customer, LORI), still.store.get(Contact, "c3")
    assert back is not None
    assert again is not None
    assert (back.live_contact, again.reason) == ("c3", "hello again")


def test_a_restored_backup_is_forgotten_again_by_itself(still: Services) -> None:
    lori(still)
    owed = Promise(id="p2", customer=LORI, number=LORI, state=PromiseState.MADE, queue="support")
    put(still, owed)
    redis: Any = still.store.redis
    change = still.store.begin()
    change.schedule(owed, still.clock.now() + 9)
    still.store.commit(change)
    raw: Any = still.jobs._queues["photos"].connection  # noqa: SLF001 - which does not decode
    backup = {name: raw.dump(name) for name in raw.scan_iter()}
    files = erased_list.ErasedList()
    done = ran(still, erasure.begin_erasure(still, LORI, actor=ADA, decline_promises=True))
    away(still, done)
    files.synchronize(still)
    redis.flushall()
    for name, dumped in backup.items():
        raw.restore(name, 0, dumped)
    assert found_in(everything(redis))
    files.synchronize(still)
    files.synchronize(still)
    (again,) = still.store.list_all(Erasure)
    for _ in range(12):
        dispatch.process_due(still, again.key)
    after = still.store.get(Erasure, again.id)
    assert after is not None
    away(still, after)
    assert still.store.get(Promise, "p2").state is PromiseState.DECLINED  # type: ignore[union-attr]
    text_ = (still.settings.event_log_archive / erased_list.FILE_NAME).read_text()
    assert found_in([text_]) == []
    assert len(text_.splitlines()) == 1


@pytest.mark.parametrize("number", ["", "555", "Lori", "+1202555015x", "+12025550155; flushall"])
def test_what_is_no_number_is_refused(still: Services, number: str) -> None:
    with pytest.raises(CalorError, match="is not a number"):
        erasure.preview_erasure(still, number)
