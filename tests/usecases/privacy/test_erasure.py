"""A person is forgotten: after whole stories nothing of them is found anywhere, and what happened still is."""

from __future__ import annotations

import json
from pathlib import Path

from ivr.cli.demo.stage import OUR_NUMBER, Stage
from ivr.domain.records.contact import Contact
from ivr.domain.records.erasure import Erasure, ErasureStep
from ivr.domain.records.promise import Promise, PromiseState
from ivr.services import Services
from ivr.store import keys
from ivr.store.change import Change
from ivr.store.queries import due_index
from ivr.usecases.customers import profile as customer_profile
from ivr.usecases.event_log import audit_log
from ivr.usecases.integrity.check import check_integrity
from ivr.usecases.privacy import erasure
from ivr.usecases.scheduler import dispatch
from tests.stories.callbacks.owed import KEEPS_IT, PICKS_UP, promised, text, until
from tests.stories.people import DIANE, LORI
from tests.usecases.photos.pictures import picture
from tests.usecases.privacy.erased_person import ADA, away, everything, found_in, lori, ran


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
