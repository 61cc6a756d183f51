"""Facts on disk: what happened to callers while the record was away becomes promises, once, whoever reads them how often."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict, replace
from pathlib import Path

import pytest

from ivr.cli.demo.stage import OUR_NUMBER, Stage
from ivr.domain.errors import Unavailable
from ivr.domain.records.contact import ContactState, Outcome
from ivr.domain.records.promise import PromiseState
from ivr.services import Services
from ivr.store.server.connection import connect
from ivr.store.store import Store
from ivr.usecases.outages import catch_up as outage_catch_up
from ivr.usecases.outages import spool
from ivr.usecases.outages.catch_up import OutageFact
from tests.stories.people import LORI, all_ended, contacts, promises

CALL, RECORDING = "CA" + "e" * 32, "RE" + "e" * 32
WHO = OutageFact(call=CALL, customer_number=LORI, our_number=OUR_NUMBER)
SAID = replace(WHO, recording_sid=RECORDING, recording_url=f"https://api.twilio.com/{RECORDING}")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Not the one that the running reconciler reads."""
    return tmp_path / "spool"


@pytest.fixture
def services(stage: Stage) -> Services:
    stage.services.clock.sync()
    return stage.services


@pytest.fixture
def no_memory(services: Services) -> Iterator[None]:
    before = str(services.store.redis.config_get("maxmemory")["maxmemory"])
    services.store.redis.config_set("maxmemory", "1mb")
    yield
    services.store.redis.config_set("maxmemory", before)


def test_a_message_is_one_promise_however_often_it_is_told(
    stage: Stage, services: Services, folder: Path
) -> None:
    for _ in range(3):
        spool.record_message(folder, SAID)
        assert spool.Drain(folder).run(services) == 1
    (promise,) = promises(stage)
    assert (promise.number, promise.our_number) == (LORI, OUR_NUMBER)
    assert services.store.redis.llen(f"case:{promise.case}:thread") == 1
    assert contacts(stage)[0].outcome is Outcome.PROMISED
    assert spool.list_facts(folder) == []


def test_what_a_later_webhook_does_not_tell_is_not_forgotten(folder: Path) -> None:
    """A recording's status callback has neither From nor To."""
    spool.record_message(folder, SAID)
    spool.record_message(folder, OutageFact(recording_sid=RECORDING, call=CALL))
    (path,) = spool.list_facts(folder)
    assert json.loads(path.read_text()) == asdict(SAID)


def test_two_reconcilers_on_one_folder_make_one_promise(
    stage: Stage, services: Services, folder: Path
) -> None:
    for n in range(5):
        spool.record_message(
            folder, replace(SAID, recording_sid=f"RE{n}", call=f"CA{n}", customer_number=f"+1202555016{n}")
        )
    first, second = spool.Drain(folder), spool.Drain(folder)
    taken = spool.list_facts(folder)
    assert first.run(services) == 5
    for path in taken:  # the second had listed the folder before
        second._apply(services, path)  # noqa: SLF001
    assert second.run(services) == 0
    assert len(promises(stage)) == 5


def test_a_message_of_somebody_who_is_owed_a_call_already_is_no_second_promise(
    stage: Stage, services: Services, folder: Path
) -> None:
    """I4: never two open callbacks for one matter."""
    for n in (1, 2):
        spool.record_message(folder, replace(SAID, recording_sid=f"RE{n}", call=f"CA{n}"))
    assert spool.Drain(folder).run(services) == 2
    (promise,) = promises(stage)
    assert {c.promise for c in contacts(stage)} == {promise.id}
    assert services.store.redis.llen(f"case:{promise.case}:thread") == 2


def test_somebody_must_listen_to_a_message_without_a_number(
    stage: Stage, services: Services, folder: Path
) -> None:
    """They were asked to say their number: it is a supervisor's to hear, not lost."""
    spool.record_message(folder, replace(SAID, customer_number="anonymous"))
    spool.Drain(folder).run(services)
    (promise,) = promises(stage)
    assert promise.state is PromiseState.ESCALATED
    assert promise.needs_supervisor
    assert contacts(stage)[0].outcome is Outcome.PROMISED


def test_who_heard_the_fallback_and_talked_with_somebody_is_helped_in_whatever_order_it_is_told(
    stage: Stage, services: Services, folder: Path
) -> None:
    spool.record_fallback(folder, WHO)
    spool.record_talked(folder, WHO)
    spool.Drain(folder).run(services)
    spool.record_fallback(folder, WHO)
    spool.Drain(folder).run(services)
    assert [(c.state, c.outcome) for c in contacts(stage)] == [(ContactState.ENDED, Outcome.HELPED)]
    assert promises(stage) == []


def test_who_heard_the_fallback_and_nothing_more_is_owed_a_call_when_the_leg_has_ended(
    stage: Stage, services: Services, folder: Path
) -> None:
    spool.record_fallback(folder, WHO)
    spool.Drain(folder).run(services)
    assert [c.state for c in contacts(stage)] == [ContactState.FLOW]
    outage_catch_up.apply_fallback(services, WHO)
    stage.services.store.redis.hset(contacts(stage)[0].key, "state", "ended")
    stage.services.store.redis.hset(contacts(stage)[0].key, "outcome", "left early")
    outage_catch_up.apply_fallback(services, WHO)  # told when the contact had been ended already
    assert len(promises(stage)) == 1
    assert all_ended(stage)


def test_a_file_that_cannot_be_read_is_set_aside_once_and_stops_nobody(
    stage: Stage, services: Services, folder: Path
) -> None:
    folder.mkdir()
    for name, text in (("broken", "{"), ("list", "[1]"), ("bytes", "\udcff")):
        (folder / f"3-message-{name}.json").write_text(text, errors="surrogateescape")
    (folder / "9-unheard-of.json").write_text("{}")
    spool.record_message(folder, SAID)
    assert spool.Drain(folder).run(services) == 1
    assert len(promises(stage)) == 1
    assert len(list(folder.glob("*.unreadable"))) == 4
    assert spool.list_facts(folder) == []


@pytest.mark.usefixtures("no_memory")
def test_a_message_waits_on_disk_while_memory_is_full(stage: Stage, services: Services, folder: Path) -> None:
    drain = spool.Drain(folder)
    spool.record_message(folder, SAID)
    assert drain.run(services) == 0
    assert len(spool.list_facts(folder)) == 1
    assert promises(stage) == []


def test_a_message_waits_on_disk_while_the_record_is_away(
    services: Services, folder: Path, tmp_path: Path
) -> None:
    away = replace(services, store=Store(connect(f"unix://{tmp_path}/nobody.sock"), manual_clock=True))
    spool.record_message(folder, SAID)
    with pytest.raises(Unavailable):
        spool.Drain(folder).run(away)
    assert len(spool.list_facts(folder)) == 1


def test_a_disk_that_refuses_costs_the_caller_nothing(tmp_path: Path) -> None:
    """The recording is at Twilio, where it will be found."""
    (tmp_path / "file").write_text("")
    spool.record_message(tmp_path / "file" / "spool", SAID)


def test_an_empty_folder_and_none_are_nothing_to_do(services: Services, folder: Path) -> None:
    assert spool.Drain(folder).run(services) == 0
    folder.mkdir()
    assert spool.Drain(folder).run(services) == 0
