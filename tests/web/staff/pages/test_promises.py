"""The page of promises: what it says of them, who may do what, and that ten thousand are no slower than ten."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from ivr.domain.records.account import Role
from ivr.domain.records.promise import Promise, PromiseKind, PromiseState
from ivr.services import Services, build_services
from ivr.store import keys
from ivr.usecases.callbacks import reschedule
from ivr.usecases.event_log import audit_log
from ivr.usecases.promises import lifecycle as promise_lifecycle
from ivr.usecases.promises import page_list
from ivr.usecases.promises.lifecycle import PromiseRequest
from ivr.usecases.promises.page_list import PAGE_SIZE, PromiseListKind
from tests.bench.counting import Counting
from tests.stories.people import LORI
from tests.usecases.promises.promised import customer, journal, now, owe, set_clock, was_texted
from tests.web.browser import Browser, hire, words

Browse = Callable[[], Browser]
MINUTE = 60.0


@pytest.fixture
def sign_in(still: Services, browse: Browse) -> Callable[..., Browser]:
    def signed(name: str, role: Role = Role.AGENT, *, phone: bool = True) -> Browser:
        hire(still, name, role, phone=phone)
        browser = browse()
        assert browser.sign_in(name).status_code == 303
        return browser

    return signed


def put(services: Services, promise: Promise, **fields: object) -> Promise:
    change = services.store.begin()
    new = change.put(promise, replace(promise, **fields))  # type: ignore[arg-type] # fields of Promise
    assert services.store.commit(change)
    return new


def escalated(services: Services, promise: Promise) -> Promise:
    return put(services, promise, state=PromiseState.ESCALATED, escalated=True, why="late")


def text(browser: Browser, path: str = "/callbacks/") -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", words(browser.get(path))))


def numbers_of(services: Services) -> list[str]:
    """Two hundred telephones."""
    return [f"+12125550{n:03}" for n in range(200)]


def test_each_is_shown_with_who_why_by_when_and_state(
    still: Services, sign_in: Callable[..., Browser]
) -> None:
    owed = owe(still, PromiseRequest(reason="My <b>suitcase</b>", until=still.clock.now() + 25 * MINUTE))
    diane = sign_in("Diane")
    page = diane.get("/callbacks/").get_data(as_text=True)
    assert "My &lt;b&gt;suitcase" in page
    shown = text(diane)
    assert "…155" in shown
    assert LORI not in shown
    assert "by 2:25 pm" in shown
    assert "waits for its time" in shown
    boss = sign_in("Boss", Role.SUPERVISOR)
    assert LORI in text(boss)
    assert LORI in text(boss, f"/callbacks/{owed.id}")
    put(still, owed, owner="diane")
    assert LORI in text(diane), "whoever has it may need it"


def test_filters_find_theirs_and_say_how_many(still: Services, sign_in: Callable[..., Browser]) -> None:
    start = still.clock.now()
    set_clock(still, start - 3600)
    mine, late, risk, up, kept, fine = (owe(still, number=n) for n in numbers_of(still)[:6])
    set_clock(still, start)
    put(still, mine, owner="diane", due_by=start + 7200)
    put(still, late, due_by=start - 90)
    put(still, risk, due_by=start + 540)
    escalated(still, put(still, up, due_by=start + 7200))
    put(still, fine, due_by=start + 7200)
    change = still.store.begin(now=start)
    promise_lifecycle.end_promise(
        put(still, kept, state=PromiseState.TALKING, due_by=start + 5), PromiseState.KEPT, change
    )
    assert still.store.commit(change)
    found = {
        show: {r.promise.id for r in page_list.get_promise_page(still, "diane", show, 1).rows}
        for show in PromiseListKind
    }
    assert found == {
        PromiseListKind.OPEN: {mine.id, late.id, risk.id, up.id, fine.id},
        PromiseListKind.MINE: {mine.id},
        PromiseListKind.LATE: {late.id},
        PromiseListKind.AT_RISK: {risk.id},
        PromiseListKind.ESCALATED: {up.id},
        PromiseListKind.ENDED: {kept.id},
    }
    seen = page_list.get_promise_page(still, "diane", PromiseListKind.OPEN, 1)
    assert seen.counts == {show: len(ids) for show, ids in found.items()}
    assert (seen.kept.on_time, seen.kept.late, seen.kept.overdue, seen.kept.on_time_rate) == (1, 0, 1, 0.5)
    diane = sign_in("Diane")
    assert "1 min late" in text(diane, "/callbacks/?show=late")
    assert "kept" in text(diane, "/callbacks/?show=ended")
    assert diane.get("/callbacks/?show=nothing").status_code == 404
    assert diane.get("/callbacks/?page=0").status_code == 404


def test_kept_on_time_is_what_the_journal_says(still: Services) -> None:
    """An independent count: of the journal's own entries."""
    start = still.clock.now()
    for n, number in enumerate(numbers_of(still)[:12]):
        owed = put(still, owe(still, number=number), state=PromiseState.TALKING, due_by=start + 100)
        at = start + 50 * (n % 4)
        state = (PromiseState.KEPT, PromiseState.KEPT, PromiseState.DECLINED, PromiseState.OWNED)[n // 3]
        change = still.store.begin(now=at)
        promise_lifecycle.end_promise(owed, state, change, owner="boss")
        assert still.store.commit(change)
    entries = {state: journal(still, f"promise {state}") for state in ("kept", "owned")}
    late = sum(e.get("late") == "1" for state in entries for e in entries[state])
    kept = page_list.get_promise_page(still, "boss", PromiseListKind.OPEN, 1).kept
    assert kept.on_time == sum("late" not in e for e in entries["kept"]) > 0
    assert kept.late == late > 0


def test_an_agent_moves_calls_now_and_calls_off_and_each_is_an_act(
    still: Services, sign_in: Callable[..., Browser]
) -> None:
    owed = owe(still)
    diane = sign_in("Diane")
    page = f"/callbacks/{owed.id}"
    since, until = reschedule.list_windows(still, owed, still.clock.now())[1]
    form = {"to": f"{since} {until}", "seen": str(owed.due_by)}
    assert diane.send(f"{page}/reschedule", form, page=page).headers["Location"] == page
    assert (now(still, owed).not_before, now(still, owed).due_by) == (since, until)
    again = diane.send(f"{page}/call-now", {"seen": str(owed.due_by)}, page=page)
    assert (again.status_code, "changed since it was shown" in words(again)) == (409, True)
    assert diane.send(f"{page}/call-now", {"seen": str(until)}, page=page).status_code == 303
    assert now(still, owed).not_before <= still.clock.now()
    assert diane.send(f"{page}/cancel", {"why": "  "}, page=page).status_code == 400
    assert diane.send(f"{page}/cancel", {"why": "It came by mail"}, page=page).status_code == 303
    assert now(still, owed).state is PromiseState.DECLINED
    assert was_texted(still, "we will not call")
    ended = diane.send(f"{page}/reschedule", {"to": "soonest"}, page="/")
    assert (ended.status_code, "ended already" in words(ended)) == (409, True)
    done = [(e.event, e.get("by")) for e in audit_log.iter_audit_log(still, actor_id="diane")][1:]
    assert done == [("promise moved", "diane"), ("promise moved", "diane"), ("decline requested", "diane")]
    assert "It came by mail" not in str(still.store.redis.xrange(keys.EVENT_LOG))
    assert not customer(still).open_promises


def test_only_supervisors_take_and_then_the_line_calls_no_more(
    still: Services, sign_in: Callable[..., Browser]
) -> None:
    owed = escalated(still, owe(still))
    diane, ops = sign_in("Diane"), sign_in("Olga", Role.OPS, phone=False)
    for nobody in (diane, ops):
        assert nobody.send(f"/callbacks/{owed.id}/assign").status_code == 403
        assert "/assign" not in words(nobody.get("/callbacks/"))
    assert ops.send(f"/callbacks/{owed.id}/call-now").status_code == 403
    boss = sign_in("Boss", Role.SUPERVISOR)
    answer = boss.post(f"/callbacks/{owed.id}/assign", {"csrf": boss.token()}, Calor_Background="1")
    assert (answer.status_code, answer.data) == (204, b"")
    assert (now(still, owed).state, now(still, owed).owner) == (PromiseState.OWNED, "boss")
    assert "In your hands" in text(boss, "/callbacks/?show=mine")
    assert [e.event for e in audit_log.iter_audit_log(still, actor_id="boss")] == [
        "signed in",
        "assignment requested",
    ]


@pytest.mark.parametrize("to", ["", "x y", "-1 5", "1e5 9", "9" * 30 + " 1", "<script>"])
def test_what_is_no_time_is_refused(still: Services, sign_in: Callable[..., Browser], to: str) -> None:
    owed = owe(still)
    assert sign_in("Diane").send(f"/callbacks/{owed.id}/reschedule", {"to": to}).status_code == 400
    assert now(still, owed) == owed


def test_ten_thousand_open_ones_are_paged_in_as_many_round_trips_as_ten(
    still: Services, at_rest: dict[str, str], tmp_path: Path
) -> None:
    start = still.clock.now()
    for first in range(0, 10_000, 250):  # more at once would keep Redis busy for longer than a client waits
        change = still.store.begin(now=start)
        for n in range(first, first + 250):
            change.put(
                None,
                Promise(
                    id=f"p{n:05}",
                    customer=LORI,
                    due_by=start + 60 * n,
                    created_at=start,
                    state=PromiseState.DUE,
                ),
            )
        assert still.store.commit(change)
    upstream = Path(urlsplit(at_rest["REDIS_URL"]).path)
    with Counting(tmp_path / "s", upstream) as counting:
        counted = build_services(still.settings.model_copy(update={"redis_url": counting.url}))
        before = counting.trips
        middle = page_list.get_promise_page(counted, "diane", PromiseListKind.OPEN, 200)
        assert counting.trips - before == 3
        counted.store.redis.close()
        counted.store.redis.connection_pool.disconnect()
    assert [r.promise.id for r in middle.rows] == [
        f"p{n:05}" for n in range(199 * PAGE_SIZE, 200 * PAGE_SIZE)
    ]
    assert (middle.counts[PromiseListKind.OPEN], middle.has_more) == (10_000, True)
    assert not page_list.get_promise_page(still, "diane", PromiseListKind.OPEN, 400).has_more
    risk = page_list.get_promise_page(still, "diane", PromiseListKind.AT_RISK, 1)
    assert (risk.counts[PromiseListKind.AT_RISK], len(risk.rows)) == (11, 11)


@pytest.mark.parametrize(
    ("fields", "title"),
    [
        ({}, "We call them"),
        ({"kind": PromiseKind.FOLLOW_UP}, "We call them again"),
        ({"kind": PromiseKind.FOLLOW_UP, "escalated": True}, "A supervisor calls them"),
    ],
)
def test_its_page_says_what_kind_it_is(
    still: Services, sign_in: Callable[..., Browser], fields: dict[str, object], title: str
) -> None:
    promise = put(still, owe(still, number="+12025550155"), **fields)
    page = text(sign_in("Diane"), f"/callbacks/{promise.id}")
    assert f" {title} Waits for its time" in page
