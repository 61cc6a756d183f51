"""The five stories that the line is made for, in a real browser: agents and a supervisor at their desks, callers on their phones."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from ivr.cli.demo.stage import Stage
from ivr.domain.records.account import Role
from ivr.domain.records.agent import AgentState
from ivr.domain.records.agent_leg import LegState
from ivr.domain.records.contact import Outcome
from ivr.domain.records.promise import PromiseState
from tests.browser.access import faults
from tests.browser.sending import click_and_send
from tests.browser.signed_in import signed_in_page
from tests.browser.test_photos import texts
from tests.stories.people import (
    AT_DESK,
    DANIELLE,
    DIANE,
    LORI,
    VICKI,
    contacts,
    listen,
    pause,
    press,
    promises,
    speak,
    texts_to,
)
from tests.stories.watch import act, hangs_up, offered, play, presses, reach, to_the_end, together, was_told
from tests.usecases.photos.pictures import picture
from tests.web.browser import hire

Visit = Callable[..., Page]
At = Callable[[str], Page]
OTHER = "+12025550156"
NUMBERS = {"Diane": DIANE, "Vicki": VICKI, "Danielle": DANIELLE}
PATIENT = [pause(3000)]


@pytest.fixture
def at(stage: Stage, visit: Visit) -> At:
    """Somebody signs in and sits at their desk; Danielle is the supervisor. They pick up their phones and press 1."""

    def sits(name: str) -> Page:
        boss = name == "Danielle"
        hire(stage.services, name, Role.SUPERVISOR if boss else Role.AGENT, phone=False)
        stage.add_agent(name, NUMBERS[name], AT_DESK, supervisor=boss)
        page = signed_in_page(visit, stage.settings.public_url, name, "/desk/")
        expect(page.get_by_role("heading", name="Desk")).to_be_visible()
        return page

    return sits


def takes(stage: Stage, page: Page, name: str, caller: str) -> None:
    """Asked, accepts, and is with the caller."""
    reach(stage, offered(name, LegState.RINGING), 120)
    click_and_send(page.get_by_role("button", name="Accept"))
    expect(page.get_by_text("You have accepted. Pick up your phone and press 1.")).to_be_visible()
    reach(stage, together(NUMBERS[name], caller), 30)
    expect(page.get_by_role("button", name="Hold")).to_be_visible()


def ends(stage: Stage, page: Page, note: str, *, name: str = "", steps: str = "") -> None:
    """The caller has gone; the agent says how it went."""
    play(stage, 5)
    expect(page.get_by_role("button", name="Save and be free")).to_be_visible()
    page.get_by_label("Helped").check()
    page.get_by_label("What did you understand?").fill(note)
    page.get_by_label("What happens next?").fill(steps)
    if name:
        page.get_by_label("Their name").fill(name)
    click_and_send(page.get_by_role("button", name="Save and be free"))
    expect(page.get_by_role("button", name="Save and be free")).to_have_count(0)


def test_1_nobody_gets_rid_of_dianes_caller(stage: Stage, at: At) -> None:
    diane = at("Diane")
    stage.call_line(LORI, PATIENT)
    takes(stage, diane, "Diane", LORI)
    texts(stage, picture(size=(600, 300)), words="These are the bills")
    expect(diane.locator(".photo img")).to_have_count(1)
    reach(stage, lambda s: any("thank you" in t for t in texts_to(s, LORI)))
    hangs_up(stage, DIANE)  # by accident, or because she has had enough
    reach(stage, lambda s: was_told(s, LORI, "Is there anything else"), 20)
    vicki = at("Vicki")
    presses(stage, LORI, "1")
    takes(stage, vicki, "Vicki", LORI)
    with vicki.expect_popup() as opened:
        vicki.get_by_role("link", name="Their case").first.click()
    case = opened.value
    expect(case.get_by_text("These are the bills")).to_be_visible()
    expect(case.locator(".photo img")).to_have_count(1)
    case.get_by_text("Add a need").click()
    case.get_by_label("A need, or what they prefer").fill("Give him time; he cannot fax")
    click_and_send(case.get_by_role("button", name="Add it"))
    expect(case.get_by_text("Give him time; he cannot fax")).to_be_visible()
    assert faults(case) == []
    hangs_up(stage, LORI)
    ends(stage, vicki, "The bill of May was charged twice", name="Tom Hill")
    to_the_end(stage)
    # the next time: what he needs is told before anybody accepts, and he may ask for her by key
    stage.call_line(OTHER, PATIENT)
    takes(stage, vicki, "Vicki", OTHER)
    stage.call_line(LORI, PATIENT)
    reach(stage, lambda s: was_told(s, LORI, "Press 3 to wait for Vicki"), 90)
    presses(stage, LORI, "3")
    reach(stage, lambda s: was_told(s, LORI, "You wait for Vicki"), 20)
    hangs_up(stage, OTHER)
    ends(stage, vicki, "Nothing more")
    reach(stage, offered("Vicki", LegState.RINGING), 60)
    expect(vicki.get_by_text("Give him time; he cannot fax")).to_be_visible()
    expect(vicki.get_by_text("Tom Hill").first).to_be_visible()
    assert faults(vicki) == []


def test_2_we_call_them_and_know_why(stage: Stage, at: At) -> None:
    diane = at("Diane")
    stage.set_agent_state("Diane", AgentState.AWAY)
    stage.call_line(LORI, [listen("what is it about"), speak("My ticket to Albany"), *PATIENT])
    reach(stage, lambda s: was_told(s, LORI, "Press 1 and we call you"), 120)
    presses(stage, LORI, "1")
    reach(stage, lambda s: bool(promises(s)) and was_told(s, LORI, "oodbye"), 120)
    stage.set_phone(LORI, script=[listen("We promised"), press("1"), *PATIENT])
    stage.set_agent_state("Diane")
    reach(stage, offered("Diane", LegState.RINGING), 300)
    expect(diane.get_by_role("heading", name="A call we have promised")).to_be_visible()
    expect(diane.get_by_text("My ticket to Albany").first).to_be_visible()
    assert faults(diane) == []
    click_and_send(diane.get_by_role("button", name="Accept"))
    reach(stage, together(DIANE, LORI), 90)
    diane.goto(f"{stage.settings.public_url}/callbacks/")
    expect(diane.get_by_text("My ticket to Albany")).to_be_visible()
    diane.goto(f"{stage.settings.public_url}/desk/")
    click_and_send(diane.get_by_role("button", name="We are done"))
    reach(stage, lambda s: was_told(s, LORI, "How was it for you"), 40)
    presses(stage, LORI, "2")
    reach(stage, lambda s: was_told(s, LORI, "in your own words"), 20)
    act(stage, LORI, "say", words="She was kind, but it took two calls")
    ends(stage, diane, "The ticket is sent anew", name="Lori Miller")
    to_the_end(stage)
    assert contacts(stage)[-1].after_call.comment == "She was kind, but it took two calls"
    kept = next(p for p in promises(stage) if p.reason == "My ticket to Albany")
    assert kept.state is PromiseState.KEPT
    # a poor answer is put right by a supervisor
    danielle = at("Danielle")
    danielle.goto(f"{stage.settings.public_url}/callbacks/")
    expect(danielle.get_by_text("Lori Miller").first).to_be_visible()
    assert faults(danielle) == []
    # another call to somebody else about it, on the same case
    diane.goto(f"{stage.settings.public_url}/cases/{contacts(stage)[-1].case}")
    expect(diane.get_by_text("She was kind, but it took two calls")).to_be_visible()
    diane.get_by_text("Ring somebody about it").click()
    diane.get_by_label("Their number").fill("+12025550177")
    stage.set_phone(DIANE, name="Diane", script=[listen("Press 1"), press("1"), *PATIENT])
    stage.set_phone("+12025550177", script=PATIENT)
    click_and_send(diane.get_by_role("button", name="Ring them"))
    reach(stage, the_other_is_rung, 40)
    expect(diane.get_by_text("rang +12025550177 about it")).to_be_visible()
    assert faults(diane) == []


def the_other_is_rung(stage: Stage) -> bool:
    legs = stage.call_control_api("GET", "/emulator/legs?alive")["legs"]
    return any(leg["to"] == "+12025550177" and leg["status"] == "in-progress" for leg in legs)


def test_3_the_receptionist_asks_before_anybody_is_handed_over(stage: Stage, at: At) -> None:
    diane = at("Diane")
    stage.call_line(LORI, PATIENT)
    takes(stage, diane, "Diane", LORI)
    stage.set_agent_state("Diane", AgentState.AWAY)
    vicki, danielle = at("Vicki"), at("Danielle")
    for colleague, page, yes in (("Vicki", vicki, False), ("Danielle", danielle, True)):
        diane.get_by_label("Who").select_option(f"agent:{colleague.lower()}")
        diane.get_by_label("Why, for them to hear").fill("Could you take a distressed customer?")
        click_and_send(diane.get_by_role("button", name="Ask them first"))
        reach(stage, offered(colleague, LegState.RINGING), 20)
        expect(page.get_by_text("Could you take a distressed customer?")).to_be_visible()
        if not yes:
            click_and_send(page.get_by_role("button", name="Pass on"))
            expect(diane.get_by_role("button", name="Hold")).to_be_visible()
            reach(stage, together(DIANE, LORI), 20)  # never handed to nobody
            continue
        click_and_send(page.get_by_role("button", name="Accept"))
        reach(stage, together(DIANE, DANIELLE), 20)
    click_and_send(diane.get_by_role("button", name="Leave them together"))
    reach(stage, together(DANIELLE, LORI), 20)
    expect(danielle.get_by_role("button", name="Hold")).to_be_visible()
    hangs_up(stage, LORI)
    ends(
        stage,
        danielle,
        "Her father is ill, she must fly today",
        name="Ann Reed",
        steps="Danielle holds a seat on the four o'clock flight",
    )
    reach(stage, lambda s: any("four o'clock flight" in t for t in texts_to(s, LORI)), 30)
    assert contacts(stage)[0].transfers == 1


def test_4_no_is_not_the_last_word(stage: Stage, at: At) -> None:
    diane, danielle = at("Diane"), at("Danielle")
    stage.set_agent_state("Danielle", AgentState.AWAY)
    stage.call_line(LORI, PATIENT)
    takes(stage, diane, "Diane", LORI)
    stage.set_agent_state("Danielle")
    click_and_send(diane.get_by_role("button", name="Hold"))
    play(stage, 45)
    diane.reload()  # between two readings a page counts real seconds, of which the play has taken fewer
    expect(diane.locator(".timer.amber")).to_be_visible()
    reach(stage, lambda s: was_told(s, LORI, "Press 1"), 30)  # within the minute they are given a choice
    click_and_send(diane.get_by_role("button", name="Back to the caller"))
    reach(stage, together(DIANE, LORI), 30)
    click_and_send(
        diane.get_by_role("button", name="Hand on without asking")
    )  # "a supervisor, please": one click
    expect(diane.get_by_role("button", name="Save and be free")).to_be_visible()
    takes(stage, danielle, "Danielle", LORI)
    click_and_send(danielle.get_by_role("button", name="We are done"))
    reach(stage, lambda s: was_told(s, LORI, "How was it for you"), 40)
    presses(stage, LORI, "1")
    reach(stage, lambda s: was_told(s, LORI, "A supervisor will ring you"), 60)
    owed = [p for p in promises(stage) if p.needs_supervisor]
    assert len(owed) == 1
    danielle.goto(f"{stage.settings.public_url}/callbacks/")
    expect(danielle.get_by_text("ending 155").or_(danielle.get_by_text(LORI)).first).to_be_visible()
    assert faults(danielle) == []


def test_5_loris_suitcase_is_told_once(stage: Stage, at: At) -> None:
    diane = at("Diane")
    diane.goto(f"{stage.settings.public_url}/")
    diane.get_by_label("In your own words").fill("Hello {name}, Diane here. I am sorry about this.")
    diane.get_by_role("button", name="Keep it").click()
    diane.goto(f"{stage.settings.public_url}/desk/")
    stage.set_agent_state("Diane", AgentState.AWAY)
    stage.call_line(LORI, [listen("what is it about"), speak("My suitcase did not arrive"), *PATIENT])
    reach(stage, lambda s: was_told(s, LORI, "You are number"), 60)
    stage.set_agent_state("Diane")
    reach(stage, offered("Diane", LegState.RINGING), 60)
    expect(diane.get_by_text("Lost baggage:", exact=False)).to_be_visible()  # what the company does
    expect(diane.get_by_text("Diane here. I am sorry about this.", exact=False)).to_be_visible()
    takes(stage, diane, "Diane", LORI)
    note = diane.get_by_role("textbox", name="Note")
    note.fill('Black, with a red ribbon; last scan in Denver, "no rush" <she> said')
    expect(diane.get_by_text("Kept.", exact=True)).to_be_visible()
    click_and_send(diane.get_by_role("button", name="within 2 h"))
    reach(stage, lambda s: bool(promises(s)), 10)
    vicki = at("Vicki")
    diane.get_by_label("Who").select_option("agent:vicki")
    click_and_send(diane.get_by_role("button", name="Hand on without asking"))
    reach(stage, offered("Vicki", LegState.RINGING), 20)
    expect(vicki.get_by_text('last scan in Denver, "no rush" <she> said', exact=False).first).to_be_visible()
    takes(stage, vicki, "Vicki", LORI)
    hangs_up(stage, LORI)
    ends(stage, vicki, "It comes tonight", name="Lori Miller")
    owed = promises(stage)
    assert len(owed) == 1
    # the time comes and nobody is there: she is told before it passes, not after
    stage.set_agent_state("Diane", AgentState.OFFLINE)
    stage.set_agent_state("Vicki", AgentState.OFFLINE)
    stage.jump_to(owed[0].due_by - 1200)
    reach(stage, lambda s: any("sorry" in t.lower() for t in texts_to(s, LORI)), 1200)
    assert stage.now < owed[0].due_by
    assert all(c.outcome in (Outcome.HELPED, Outcome.PROMISED) for c in contacts(stage))
