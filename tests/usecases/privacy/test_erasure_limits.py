"""When nobody is erased, and what an erasure leaves as it is."""

from __future__ import annotations

from typing import Any

import pytest

from ivr.cli.demo.stage import Stage
from ivr.domain.errors import CalorError
from ivr.domain.records.contact import Contact, ContactState
from ivr.domain.records.contact_parts import Caller
from ivr.domain.records.customer import Customer
from ivr.domain.records.erasure import Erasure, ErasureStep
from ivr.domain.records.promise import NumberLock, Promise, PromiseState
from ivr.services import Services
from ivr.store import keys
from ivr.usecases.callbacks import reschedule
from ivr.usecases.privacy import erased_list, erasure
from ivr.usecases.scheduler import dispatch
from tests.stories.callbacks.owed import promised
from tests.stories.people import LORI
from tests.usecases.privacy.erased_person import ADA, away, everything, found_in, lori, put, ran

OTHER = "+12025550166"


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
