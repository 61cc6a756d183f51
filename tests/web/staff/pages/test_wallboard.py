"""The wallboard: what it shows, what it keeps to itself, and how long it stays signed in."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from ivr.domain.phone_numbers import TrustLevel
from ivr.domain.records.account import Role
from ivr.domain.records.agent import Agent, AgentState, AwayReason
from ivr.domain.records.agent_leg import AgentLeg, LegKind, LegState, MonitoringMode
from ivr.domain.records.contact import Contact, ContactState
from ivr.domain.records.contact_parts import Caller, ConferencePlaces, PartyLocation, QueuePlace
from ivr.domain.records.customer import Customer
from ivr.services import Services, build_services
from ivr.usecases.desk import wallboard
from ivr.usecases.event_log import audit_log
from ivr.usecases.queueing import membership
from tests.bench.counting import Counting
from tests.conftest import MONDAY_TWO_PM
from tests.stories.people import LORI
from tests.usecases.promises.promised import set_clock
from tests.web.browser import Browser, hire, words

HOUR = 3600.0
SUITCASE = "My suitcase did not arrive"


@pytest.fixture
def boss(still: Services, browse: Callable[[], Browser]) -> Browser:
    return signed(still, browse, "Boss", Role.SUPERVISOR)


def signed(
    services: Services, browse: Callable[[], Browser], name: str, role: Role, *, phone: bool = True
) -> Browser:
    hire(services, name, role, phone=phone)
    browser = browse()
    assert browser.sign_in(name).status_code == 303
    return browser


def waits(
    services: Services, name: str, *, number: str = LORI, queue: str = "support", ago: float = 75
) -> Contact:
    change = services.store.begin()
    contact = Contact(
        id=name,
        state=ContactState.WAITING,
        reason=SUITCASE,
        started_at=change.now - ago,
        caller=Caller(number=number, trust_level=TrustLevel.ATTESTED),
        queue_place=QueuePlace(name=queue, queued_at=change.now - ago),
    )
    contact = change.put(None, contact)
    membership.join(services, contact, change)
    if services.store.get(Customer, number) is None and number == LORI:
        change.put(None, Customer(id=number, name="Lori Amherst"))
    assert services.store.commit(change)
    return contact


def talks(services: Services, contact: Contact, agent_id: str) -> None:
    """This agent has said yes, and they are together."""
    change = services.store.begin()
    agent = services.store.get(Agent, agent_id)
    assert agent is not None
    leg = change.put(
        None, AgentLeg(id=f"o-{contact.id}", agent=agent_id, contact=contact.id, state=LegState.ACCEPTED)
    )
    membership.leave(contact, change)
    there = ConferencePlaces(
        number=1,
        sid="CF1",
        caller_location=PartyLocation.IN_CONFERENCE,
        agent_location=PartyLocation.IN_CONFERENCE,
    )
    change.put(
        contact, replace(contact, state=ContactState.TALKING, leg=leg.id, talked=True, conference=there)
    )
    change.put(agent, replace(agent, state=AgentState.ON_CALL, leg=leg.id, state_since=change.now - 30))
    assert services.store.commit(change)


def text(browser: Browser, path: str = "/wallboard/now") -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", words(browser.get(path))))


def test_who_waits_and_who_talks_is_shown_with_the_private_part_folded(
    still: Services, boss: Browser
) -> None:
    hire(still, "Diane")
    waits(still, "c1", number="+12125550177", queue="bookings")
    talks(still, waits(still, "c2"), "diane")
    page = text(boss)
    assert "…177 bookings" in page
    assert "Diane with Lori" in page
    shown = re.sub(r"<details.*?</details>", "", words(boss.get("/wallboard/now")), flags=re.DOTALL)
    for private in (SUITCASE, LORI, "Amherst", "+12125550177"):
        assert private in page
        assert private not in shown


def test_a_wall_and_ops_see_no_names_in_full_no_numbers_and_no_reasons(
    still: Services, boss: Browser, browse: Callable[[], Browser]
) -> None:
    hire(still, "Diane")
    talks(still, waits(still, "c2"), "diane")
    waits(still, "c1", number="+12125550177")
    olga = signed(still, browse, "Olga", Role.OPS, phone=False)
    for browser, path in ((boss, "/wallboard/?big=1"), (boss, "/wallboard/now?big=1"), (olga, "/wallboard/")):
        page = words(browser.get(path))
        assert "Lori" in page
        for private in (SUITCASE, LORI, "Amherst", "+12125550177", "/listen/"):
            assert private not in page, path


def test_figures_of_today_are_by_queue_and_defined_beside(still: Services, boss: Browser) -> None:
    hire(still, "Diane")
    talks(still, waits(still, "c1", ago=12), "diane")
    board = wallboard.get_wallboard(still, "boss")
    support = next(q for q in board.queues if q.name == "support")
    assert (
        support.today.answered,
        support.today.answered_in_target,
        support.today.average_speed_of_answer,
    ) == (1, 1, 12.0)
    assert board.today.service_level == 1.0
    slow = waits(still, "c2", number="+12125550177", ago=21)
    hire(still, "Vicki")
    talks(still, slow, "vicki")
    assert wallboard.get_wallboard(still, "boss").today.service_level == 0.5
    assert "answered within the time of the queue, of all who asked" in text(boss)
    set_clock(still, MONDAY_TWO_PM + 11 * HOUR)
    assert wallboard.get_wallboard(still, "boss").today.offered == 0, "another day by the line's clock"


def test_agents_are_by_state_with_since_when_and_why(still: Services, boss: Browser) -> None:
    hire(still, "Diane")
    agent = still.store.get(Agent, "diane")
    assert agent is not None
    change = still.store.begin()
    change.put(
        agent,
        replace(agent, state=AgentState.AWAY, away_reason=AwayReason.LUNCH, state_since=change.now - 600),
    )
    assert still.store.commit(change)
    assert "Away 1" in text(boss)
    assert "Diane lunch" in text(boss)
    assert "1 offline" in text(boss)


def test_who_listens_is_shown_to_all_and_only_they_steer_it(
    still: Services, boss: Browser, browse: Callable[[], Browser]
) -> None:
    hire(still, "Diane")
    talks(still, waits(still, "c1"), "diane")
    assert boss.send("/wallboard/listen/c1/monitor").status_code == 409, "offline"
    boss.send("/me/state", {"do": "available"})
    assert boss.send("/wallboard/listen/c1/nothing").status_code == 404
    assert boss.send("/wallboard/listen/c1/monitor").status_code == 303
    assert "Pick up your phone and press 1." in text(boss)
    leg = next(o for o in still.store.list_all(AgentLeg) if o.kind is LegKind.MONITOR)
    change = still.store.begin()
    change.put(leg, replace(leg, state=LegState.ACCEPTED, monitoring_mode=MonitoringMode.WHISPER))
    assert still.store.commit(change)
    assert "You whisper to the agent" in text(boss)
    olga = signed(still, browse, "Olga", Role.OPS, phone=False)
    assert "Boss whispers to the agent" in text(olga)
    assert olga.send("/wallboard/stop").status_code == 403
    assert boss.send("/wallboard/stop").status_code == 303
    assert "whispers" not in text(boss)
    told = [(e.event, e.get("by"), e.get("how")) for e in audit_log.iter_audit_log(still, actor_id="boss")]
    assert told[-2:] == [("monitoring", "boss", "monitor"), ("monitoring ended", "boss", "")]


def test_a_wallboard_stays_through_the_shift_and_opens_nothing_else(
    still: Services, boss: Browser, browse: Callable[[], Browser]
) -> None:
    hire(still, "Diane")
    talks(still, waits(still, "c1"), "diane")
    token = boss.token("/wallboard/")
    set_clock(still, MONDAY_TWO_PM + 5 * HOUR)
    assert boss.get("/wallboard/now", Calor_Background="1").status_code == 200
    with boss.get("/live?on=agents&unattended=1", Calor_Background="1") as live:
        assert live.status_code == 200
    assert boss.get("/live?on=agents", Calor_Background="1").status_code == 401, "an unattended desk"
    page = boss.get("/wallboard/")
    assert (page.status_code, "Set-Cookie" in page.headers) == (200, False), "looking is no sign of life"
    assert SUITCASE not in words(page)
    for path in ("/", "/callbacks/", "/desk/"):
        assert boss.get(path).status_code == 303, path
    boss.hold(boss.cookie() or "")
    again = browse()
    again.sign_in("Boss")
    assert token
    set_clock(still, MONDAY_TWO_PM + 17 * HOUR + 1)
    assert again.get("/wallboard/").status_code == 303, "and no longer than anybody"


def test_nothing_is_done_from_a_wallboard_that_nobody_has_touched(still: Services, boss: Browser) -> None:
    token = boss.token("/wallboard/")
    set_clock(still, MONDAY_TWO_PM + 5 * HOUR)
    answer = boss.post("/wallboard/stop", {"csrf": token}, Calor_Background="1")
    assert answer.status_code == 401


def test_it_is_read_in_four_round_trips_however_many_wait(
    still: Services, at_rest: dict[str, str], tmp_path: Path
) -> None:
    hire(still, "Diane")
    for n in range(150):
        waits(still, f"c{n:03}", number=f"+12125550{n:03}", ago=n)
    with Counting(tmp_path / "s", Path(urlsplit(at_rest["REDIS_URL"]).path)) as counting:
        counted = build_services(still.settings.model_copy(update={"redis_url": counting.url}))
        before = counting.trips
        board = wallboard.get_wallboard(counted, "boss")
        assert counting.trips - before <= 5  # the script is loaded at its first use
        counted.store.redis.close()
        counted.store.redis.connection_pool.disconnect()
    assert (board.waiting_count, len(board.callers)) == (150, wallboard.MAX_PER_LIST)
    assert [w.contact.id for w in board.callers[:2]] == ["c149", "c148"]
