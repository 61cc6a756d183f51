"""/metrics: the figures are those of the journal, counted apart from them; and not everybody may read them."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from flask import Flask

from ivr.cli.demo.stage import Stage
from ivr.domain.records.agent import Agent, AgentState
from ivr.domain.records.contact import Contact
from ivr.domain.records.promise import Promise, PromiseState
from ivr.services import Services, build_services
from ivr.store import indexes, keys
from ivr.usecases.promises import lifecycle as promise_lifecycle
from ivr.usecases.reports import prometheus
from tests.bench.counting import Counting
from tests.stories.callbacks.owed import KEEPS_HER_PLACE, promised
from tests.stories.people import DIANE, HANG_UP, LORI, TAKES_IT, listen, pause, wraps_up
from tests.stories.watch import reach, to_the_end, together
from tests.usecases.promises.promised import owe
from tests.web.webhooks.twilio import Twilio

OTHERS = ("+12025550156", "+12025550157")
Figures = dict[str, float]


def figures(twilio: Twilio) -> Figures:
    """By name and labels, those in order."""
    found = re.findall(r"^(calor_\w+)(?:{([^}]*)})? (\S+)$", twilio.get("/metrics").body, re.MULTILINE)
    return {
        f"{name}{{{','.join(sorted(labels.split(',')))}}}" if labels else name: float(value)
        for name, labels, value in found
        if not name.endswith("_created")
    }


def journal(services: Services) -> list[dict[str, str]]:
    found: Any = services.store.redis.xrange(keys.EVENT_LOG)
    return [told for _, told in found]


def test_the_figures_are_those_that_the_journal_tells(stage: Stage, twilio: Twilio) -> None:
    stage.add_agent("Diane", DIANE, [*TAKES_IT, *wraps_up()])
    stage.call_line(LORI, [pause(40), HANG_UP])
    reach(stage, together(DIANE, LORI))
    now = figures(twilio)
    assert now['calor_contacts_open{state="talking"}'] == now['calor_agents{state="on call"}'] == 1
    to_the_end(stage)
    stage.set_agent_state("Diane", AgentState.AWAY)
    stage.call_line(OTHERS[0], [listen("agents", 30), pause(35), HANG_UP])
    stage.play(30)
    now = figures(twilio)
    assert now['calor_callers_waiting{queue="support"}'] == 1
    assert now['calor_longest_wait_seconds{queue="support"}'] > 0
    promised(stage, KEEPS_HER_PLACE, number=OTHERS[1])
    stage.play(30)
    told = journal(stage.services)
    since = {e["contact"]: float(e["at"]) for e in told if e["event"] == "waiting"}
    waits = [float(e["at"]) - since[e["contact"]] for e in told if e["event"] == "accepted"]
    seen = figures(twilio)
    support = '{queue="support"'
    assert seen[f"calor_answer_wait_seconds_count{support}}}"] == len(waits) == 1
    assert seen[f"calor_answer_wait_seconds_sum{support}}}"] == pytest.approx(sum(waits), abs=0.01)
    for bound in (5, 10, 30, 600):
        within = sum(w <= bound for w in waits)
        assert seen[f'calor_answer_wait_seconds_bucket{{le="{bound}.0",queue="support"}}'] == within
    abandoned = sum(e["event"] == "abandoned" for e in told)
    assert seen['calor_calls_unanswered_total{how="abandoned",queue="support"}'] == abandoned == 1
    assert seen['calor_calls_unanswered_total{how="promised",queue="support"}'] == 1
    made = [e for e in told if e["event"] == "promised"]
    assert seen['calor_promises_made_total{kind="callback",queue="support"}'] == len(made) == 2
    open_ = sum(v for name, v in seen.items() if name.startswith("calor_promises_open"))
    assert open_ == 2
    assert seen['calor_service_level_today_ratio{queue="support"}'] == pytest.approx(
        sum(w <= 20 for w in waits) / 3, abs=0.001
    )
    assert stands(stage.services) == shelved(stage.services)
    same = [n for n in seen if "reconciler" not in n and "seconds" not in n and "pages" not in n]
    for _ in range(4):  # whichever process is asked
        again = figures(twilio)
        assert {n: again[n] for n in same} == {n: seen[n] for n in same}


def shelved(services: Services) -> dict[str, set[str]]:
    """Where every record must stand, by the records themselves."""
    found: dict[str, set[str]] = {}
    for record in (
        *services.store.list_all(Promise),
        *services.store.list_all(Contact),
        *services.store.list_all(Agent),
    ):
        for key in indexes.list_entries(record):
            found.setdefault(key, set()).add(record.id)
    return found


def stands(services: Services) -> dict[str, set[str]]:
    redis: Any = services.store.redis
    names = [keys.OPEN_PROMISES, keys.OPEN_PROMISES_BY_CREATION, keys.ENDED_PROMISES]
    for start in (
        "open_promises:",
        "promises_of:",
        "assigned_promises:",
        "open_contacts:",
        "waiting_contacts:",
        "agents:",
    ):
        names += list(redis.scan_iter(f"{start}*"))
    return {name: set(redis.zrange(name, 0, -1)) for name in names if redis.exists(name)}


def test_ends_are_counted_once_and_a_restart_forgets_none(still: Services) -> None:
    start = still.clock.now()
    ends = {PromiseState.KEPT: 50.0, PromiseState.OWNED: 150.0, PromiseState.DECLINED: 10.0}
    for number, (state, after) in zip((LORI, *OTHERS), ends.items(), strict=True):
        owed = owe(still, number=number)
        change = still.store.begin(now=start)
        first = change.put(owed, replace(owed, state=PromiseState.TALKING, due_by=start + 100, attempts=2))
        assert still.store.commit(change)
        late = still.store.begin(now=start + after)
        promise_lifecycle.end_promise(first, state, late, owner="boss")
        assert still.store.commit(late)
        assert not still.store.commit(late), "said twice, it is nothing"
    ever = prometheus.collect_metrics(build_services(still.settings)).totals
    assert {n: v for n, v in ever.items() if n.startswith(("promise ended", "attempts"))} == {
        "promise ended|kept|on time": 1,
        "promise ended|owned|late": 1,
        "promise ended|declined|on time": 1,
        "attempts": 6,
    }


def test_it_is_read_in_one_round_trip(still: Services, at_rest: dict[str, str], tmp_path: Path) -> None:
    owe(still)
    with Counting(tmp_path / "s", Path(urlsplit(at_rest["REDIS_URL"]).path)) as counting:
        counted = build_services(still.settings.model_copy(update={"redis_url": counting.url}))
        before = counting.trips
        found = prometheus.collect_metrics(counted)
        assert counting.trips - before == 1
        counted.store.redis.close()
        counted.store.redis.connection_pool.disconnect()
    assert found.promises[PromiseState.MADE] == 1


def test_without_a_token_only_who_asks_directly_from_a_private_network_reads_them(
    staff_app: Callable[..., Flask],
) -> None:
    client = staff_app().test_client()
    for address, status in (("127.0.0.1", 200), ("10.1.2.3", 200), ("::1", 200), ("8.8.8.8", 403)):
        answer = client.get("/metrics", environ_base={"REMOTE_ADDR": address})
        assert (answer.status_code, address) == (status, address)
    assert client.get("/metrics", headers={"X-Forwarded-For": "10.1.2.3"}).status_code == 403
    assert "calor_" not in client.get("/metrics", environ_base={"REMOTE_ADDR": "8.8.8.8"}).text


def test_with_a_token_whoever_brings_it_reads_them_and_nobody_else(staff_app: Callable[..., Flask]) -> None:
    client = staff_app(IVR_METRICS_TOKEN="let me in").test_client()
    assert client.get("/metrics").status_code == 403
    assert client.get("/metrics", headers={"Authorization": "Bearer wrong"}).status_code == 403
    given = {"Authorization": "Bearer let me in", "X-Forwarded-For": "8.8.8.8"}
    assert client.get("/metrics", headers=given).status_code == 200
