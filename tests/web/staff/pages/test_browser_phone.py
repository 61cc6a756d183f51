"""The browser phone: who may have one, what its token opens, and what stays where it is."""

from __future__ import annotations

from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from twilio.jwt.access_token import AccessToken

from ivr.domain.actor import Actor, Channel
from ivr.domain.errors import IllegalTransition
from ivr.domain.records.account import Role
from ivr.domain.records.agent import Agent, AgentState, engage, reserve, summon
from ivr.services import Services
from ivr.usecases.agents import device
from ivr.usecases.event_log import audit_log
from ivr.usecases.staff import roster
from tests.web.browser import PHONES, Browser, hire, words

SID, SECRET = "SK" + "3" * 32, "5ecret" * 6
KEY = {"TWILIO_API_KEY_SID": SID, "TWILIO_API_KEY_SECRET": SECRET}
REAL = {
    "TWILIO_API_URL": "https://api.twilio.com",
    "PUBLIC_URL": "https://line.example.com",
    "IVR_CLOCK": "real",
}
Make = Callable[..., Flask]


@pytest.fixture
def diane(still: Services, staff_app: Make) -> Browser:
    hire(still, "Diane")
    return signed("Diane", staff_app(**KEY))


def signed(name: str, app: Flask, base: str = "http://127.0.0.1:9") -> Browser:
    browser = Browser(app=app, base=base)
    assert browser.sign_in(name).status_code == 303
    return browser


def chosen(browser: Browser, where: str) -> int:
    return browser.send("/phone/choose", {"answer": where}, page="/desk/").status_code


def agent(services: Services) -> Agent:
    found = services.store.get(Agent, "diane")
    assert found is not None
    return found


def policy(browser: Browser, path: str) -> dict[str, str]:
    told = browser.get(path).headers["Content-Security-Policy"]
    return dict(one.split(" ", 1) for one in told.split("; "))


def test_the_token_lets_calls_to_this_agent_in_for_an_hour_and_nothing_else(
    still: Services, diane: Browser
) -> None:
    assert chosen(diane, "browser") == 303
    answer = diane.send("/phone/token")
    assert answer.headers["Cache-Control"] == "no-store"
    text = answer.get_json()["token"]
    read = AccessToken.from_jwt(text, SECRET)  # raises when it is not signed with it
    assert read.headers["cty"] == "twilio-fpa;v=1"
    told: dict[str, Any] = read.payload
    assert told["grants"] == {"identity": "diane", "voice": {"incoming": {"allow": True}}}
    assert (told["iss"], told["sub"]) == (SID, "AC" + "0" * 32)
    assert told["exp"] - told["nbf"] == 3600
    assert agent(still).address == f"client:{told['grants']['identity']}"


def test_no_secret_is_in_a_log_or_on_a_page(
    diane: Browser, capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    chosen(diane, "browser")
    token = diane.send("/phone/token").get_json()["token"]
    page = words(diane.get("/desk/"))
    diane.post("/phone/token")  # refused, and logged if anything is
    out, err = capsys.readouterr()
    for secret in (SECRET, token, "0" * 32):
        assert secret not in out + err + caplog.text
    assert SECRET not in page
    assert token not in page
    assert SID not in page


def test_the_token_is_only_for_whoever_answers_in_the_browser(
    still: Services, diane: Browser, staff_app: Make
) -> None:
    assert diane.send("/phone/token").status_code == 409  # her telephone rings
    chosen(diane, "browser")
    assert diane.post("/phone/token").status_code == 403  # no form token
    assert diane.get("/phone/token").status_code == 405
    hire(still, "Olga", Role.OPS, phone=False)
    assert signed("Olga", staff_app(**KEY)).send("/phone/token").status_code == 403
    hire(still, "Sue", Role.SUPERVISOR, phone=False)
    assert signed("Sue", staff_app(**KEY)).send("/phone/token").status_code == 409  # she answers no calls
    assert Browser(app=diane.app).post("/phone/token").status_code == 303


def test_without_an_api_key_it_is_not_offered_and_the_page_says_why(still: Services, staff_app: Make) -> None:
    hire(still, "Diane")
    diane = signed("Diane", staff_app())
    page = words(diane.get("/desk/"))
    assert "TWILIO_API_KEY_SID" in page
    assert "Answer in this browser" not in page
    assert chosen(diane, "browser") == 409
    assert not agent(still).uses_browser


def test_a_key_that_was_taken_away_leaves_a_way_back_to_the_telephone(
    still: Services, diane: Browser, staff_app: Make
) -> None:
    chosen(diane, "browser")
    without = signed("Diane", staff_app())
    assert "Your calls ring nobody." in words(without.get("/desk/"))
    assert chosen(without, "telephone") == 303
    assert agent(still).address == PHONES["Diane"]


def test_a_choice_is_an_act_and_not_made_in_a_call(still: Services, diane: Browser) -> None:
    assert "On your telephone, …" in words(diane.get("/desk/"))
    assert chosen(diane, "browser") == 303
    assert "Ring my telephone …" in words(diane.get("/desk/"))
    assert chosen(diane, "somewhere") == 400
    told = [a for a in audit_log.iter_audit_log(still) if a.event == "agent phone"]
    assert [(a.get("by"), a.get("agent"), a.get("phone")) for a in told] == [("diane", "diane", "browser")]
    roster.set_state(still, "Diane", AgentState.AVAILABLE)
    change = still.store.begin()
    before = agent(still)
    change.put(before, engage(reserve(before, "o1", change.now), change.now))
    assert still.store.commit(change)
    with pytest.raises(IllegalTransition):
        device.choose_device(still, "diane", browser=False, actor=Actor(id="diane", channel=Channel.PAGE))
    assert chosen(diane, "telephone") == 409
    assert agent(still).uses_browser


def test_what_ops_change_of_an_agent_leaves_their_choice(still: Services, diane: Browser) -> None:
    chosen(diane, "browser")
    roster.add_agent(still, roster.AgentDetails(name="Diane", phone="+12025550118"))
    assert agent(still).address == "client:diane"
    assert chosen(diane, "telephone") == 303
    assert agent(still).address == "+12025550118"


def test_a_page_connects_to_the_emulator_only_where_the_phone_is(diane: Browser) -> None:
    assert policy(diane, "/desk/")["connect-src"] == "'self'"
    chosen(diane, "browser")
    assert policy(diane, "/desk/")["connect-src"] == "'self' ws://127.0.0.1:9/client"
    assert policy(diane, "/desk/") == policy(diane, "/") | {"connect-src": "'self' ws://127.0.0.1:9/client"}
    assert "vendor" not in words(diane.get("/desk/"))


def test_a_page_connects_to_twilio_as_its_sdk_needs_and_runs_no_script_from_there(
    still: Services, staff_app: Make
) -> None:
    hire(still, "Diane")
    diane = signed("Diane", staff_app(**KEY, **REAL), base=REAL["PUBLIC_URL"])
    chosen(diane, "browser")
    told = policy(diane, "/desk/")
    assert "wss://voice-js.roaming.twilio.com" in told["connect-src"].split()
    assert "mediastream:" in told["media-src"].split()
    assert told["script-src"] == "'self'"
    assert told["default-src"] == "'none'"
    assert "twilio" not in str(policy(diane, "/"))
    assert "vendor/twilio-voice-sdk" in words(diane.get("/desk/"))


def test_who_is_summoned_from_elsewhere_is_rung_on_the_telephone() -> None:
    diane = Agent(id="diane", name="Diane", phone=PHONES["Diane"], uses_browser=True, state=AgentState.AWAY)
    assert diane.address == "client:diane"
    assert summon(diane, "o1", 0.0).address == PHONES["Diane"]


def test_what_others_made_is_listed_with_its_checksum() -> None:
    folder = Path("ivr/web/static/vendor")
    listed = (folder / "README.md").read_text()
    for file in folder.iterdir():
        if file.name != "README.md":
            assert f"{file.name} | {sha256(file.read_bytes()).hexdigest()}" in listed
