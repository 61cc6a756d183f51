"""A flow that asks for more than is done in one turn leads to a person, and to nobody's hang-up (I8)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from ivr.domain.records.contact import Contact, ContactState
from ivr.services import Services, build_services
from ivr.settings import load_settings
from ivr.store import keys
from ivr.telephony.reply import HangUp
from ivr.usecases.calls import flow_runner
from ivr.usecases.calls import incoming as incoming_call
from tests.conftest import MONDAY_TWO_PM
from tests.flow.caller import files
from tests.stories.people import LORI

INCOMING = incoming_call.IncomingCall(call="CA" + "1" * 32, from_=LORI, to="+12025550100")
LIMIT = flow_runner.MAX_EFFECTS_PER_TURN


def line(env: dict[str, str], folder: Path, texts: int) -> Iterator[Services]:
    """A line whose flow sends so many texts before it puts callers into the queue."""
    steps = "".join(f"  t{n}: {{text: welcome, next: t{n + 1}}}\n" for n in range(texts))
    for name, text in files(f"{steps}  t{texts}: {{queue: support}}\n").items():
        path = folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, "utf-8")
    services = build_services(load_settings({**env, "IVR_FLOWS": str(folder)}))
    services.store.redis.flushall()
    services.store.redis.set(keys.MANUAL_CLOCK, f"{MONDAY_TWO_PM:.3f}")
    services.clock.sync()
    yield services
    services.store.redis.close()
    services.store.redis.connection_pool.disconnect()


@pytest.mark.parametrize("texts", [1, LIMIT - 1, LIMIT, LIMIT + 1, LIMIT + 2, 3 * LIMIT])
def test_however_much_a_flow_asks_for_in_one_turn_the_caller_waits_for_a_person(
    at_rest: dict[str, str], tmp_path: Path, texts: int
) -> None:
    for services in line(at_rest, tmp_path, texts):
        reply = incoming_call.answer(services, INCOMING)
        (contact,) = services.store.list_all(Contact)
        assert not isinstance(reply.verb, HangUp)
        assert contact.state is ContactState.WAITING
