"""The phone in the browser, against the emulator: Diane takes Lori's call without a telephone, and every click is heard."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, WebSocketRoute, expect

from ivr.cli.demo.stage import Stage
from ivr.domain.records.account import Role
from ivr.domain.records.agent import AgentState, AwayReason
from ivr.domain.records.agent_leg import LegState, MonitoringMode
from ivr.usecases.agents import monitoring
from tests.browser.access import faults, fits
from tests.browser.sending import click_and_send, press_and_send
from tests.browser.signed_in import signed_in_page
from tests.browser.waiting import wait_until
from tests.stories.people import BOSS, DIANE, LORI, TAKES_IT, loris, pause
from tests.stories.watch import agent, live_legs, offered, reach, talking, together, was_told
from tests.web.browser import hire

Visit = Callable[..., Page]
HERS = "client:diane"
SEEN = """() => {
  window.seen = [];
  const words = document.querySelector("#phone-words");
  new MutationObserver(() => window.seen.push(words.textContent)).observe(words, { childList: true });
}"""


@pytest.fixture
def desk(stage: Stage, visit: Visit) -> Callable[[str, str, Role], Page]:
    """Somebody's desk; they have just chosen to answer in the browser."""

    def opened(name: str, number: str, role: Role = Role.AGENT) -> Page:
        hire(stage.services, name, role, phone=False)
        stage.add_agent(name, number, [pause(3000)], supervisor=role is Role.SUPERVISOR)
        page = signed_in_page(visit, stage.settings.public_url, name, "/desk/")
        expect(page.get_by_text("On your telephone, …")).to_be_visible()
        page.get_by_role("button", name="Answer in this browser instead").click()
        expect(page.get_by_text("Your phone is ready.")).to_be_visible()
        return page

    return opened


@pytest.fixture
def diane(desk: Callable[..., Page]) -> Page:
    return desk("Diane", DIANE)


def rings(stage: Stage) -> None:
    stage.call_line(LORI, [pause(3000)])
    reach(stage, offered("Diane", LegState.RINGING))
    reach(stage, lambda s: any(leg["status"] == "ringing" for leg in live_legs(s, HERS)), 10)


def taken(stage: Stage, page: Page) -> None:
    """From the ringing to the talk."""
    rings(stage)
    expect(page.get_by_text("Your phone rings.")).to_be_visible()
    click_and_send(page.get_by_role("button", name="Accept"))
    expect(page.get_by_text("Your phone is in the call.")).to_be_visible()
    reach(stage, together(HERS, LORI))


def test_one_click_takes_the_call_and_the_phone_does_what_a_telephone_does(stage: Stage, diane: Page) -> None:
    assert faults(diane) == []
    rings(stage)
    expect(diane.get_by_text("Your phone rings.")).to_be_visible()
    assert faults(diane) == []
    press_and_send(diane, "1")
    expect(diane.get_by_text("Your phone is in the call.")).to_be_visible()
    reach(stage, together(HERS, LORI))
    assert not was_told(stage, HERS, "press 1")  # she read the brief, and her click was the key
    diane.keyboard.press("m")
    expect(diane.get_by_text("muted: nobody hears you")).to_be_visible()
    wait_until(diane, lambda: any(e["kind"] == "muted" for e in stage.read_emulator_log()))
    assert faults(diane) == []
    diane.get_by_role("button", name="Mute").click()
    wait_until(diane, lambda: any(e["kind"] == "unmuted" for e in stage.read_emulator_log()))
    diane.keyboard.press("k")
    assert faults(diane) == []
    assert fits(diane)
    diane.get_by_role("button", name="Star").click()
    expect(diane.get_by_role("button", name="Back to the caller")).to_be_visible()
    reach(stage, lambda s: was_told(s, LORI, "hold"), 20)
    click_and_send(diane.get_by_role("button", name="Back to the caller"))
    reach(stage, together(HERS, LORI), 10)
    diane.get_by_role("button", name="Hang up").click()
    expect(diane.get_by_text("Your phone is ready.")).to_be_visible()
    diane.get_by_label("Helped").check()
    click_and_send(diane.get_by_role("button", name="Save and be free"))
    expect(diane.get_by_text("You are available")).to_be_visible()


def test_passing_a_call_on_stops_the_ringing_and_counts_as_passed(stage: Stage, diane: Page) -> None:
    rings(stage)
    expect(diane.get_by_text("Your phone rings.")).to_be_visible()
    click_and_send(diane.get_by_role("button", name="Pass on"))
    expect(diane.get_by_text("Your phone is ready.")).to_be_visible()
    wait_until(diane, lambda: not live_legs(stage, HERS))
    assert agent(stage, "Diane").unanswered == 0


def test_a_closed_page_rings_out_like_a_telephone_that_nobody_picks_up(stage: Stage, diane: Page) -> None:
    diane.close()
    stage.call_line(LORI, [pause(3000)])
    for _ in range(2):
        reach(stage, offered("Diane", LegState.RINGING), 300)
        reach(stage, lambda s: not live_legs(s, HERS))
    reach(stage, lambda s: agent(s, "Diane").state is AgentState.AWAY)
    assert agent(stage, "Diane").away_reason is AwayReason.NO_ANSWER


def test_a_phone_that_lost_its_wire_says_so_and_comes_back_by_itself(stage: Stage, diane: Page) -> None:
    wires: list[WebSocketRoute] = []

    def through(wire: WebSocketRoute) -> None:
        wire.connect_to_server()
        wires.append(wire)

    diane.route_web_socket("**/client", through)
    diane.reload()
    expect(diane.get_by_text("Your phone is ready.")).to_be_visible()
    diane.evaluate(SEEN)
    wires[0].close()
    expect(diane.get_by_text("Your phone is ready.")).to_be_visible()
    wait_until(diane, lambda: len(wires) == 2)
    assert "not connected" in diane.evaluate("window.seen.join()")
    taken(stage, diane)


def test_what_is_not_accepted_at_the_desk_is_answered_with_one_click(
    stage: Stage, desk: Callable[..., Page]
) -> None:
    boss = desk("Boss", BOSS, Role.SUPERVISOR)
    stage.set_agent_state("Boss", AgentState.AWAY)
    stage.add_agent("Diane", DIANE, [*TAKES_IT, pause(3000)])
    stage.call_line(LORI, [pause(3000)])
    reach(stage, together(DIANE, LORI))
    reach(stage, lambda s: talking(s) and bool(loris(s).conference.sid), 10)  # the record knows the room
    stage.set_agent_state("Boss")
    monitoring.start(stage.services, "boss", loris(stage).id, MonitoringMode.MONITOR)
    reach(stage, offered("Boss", LegState.RINGING))
    expect(boss.get_by_text("Your phone rings.")).to_be_visible()
    assert faults(boss) == []
    boss.get_by_role("button", name="Answer", exact=True).click()
    expect(boss.get_by_text("Your phone is in the call.")).to_be_visible()
    reach(stage, together(DIANE, LORI, "client:boss"), 30)
