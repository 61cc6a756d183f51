"""Nothing is changed by a form or a script that is not ours."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from ivr.domain.records.account import Role
from ivr.domain.records.agent import Agent, AgentState
from ivr.services import Services
from tests.web.browser import PASSWORD, Browser, hire, words
from tests.web.staff.session.test_access import routes

Browse = Callable[[], Browser]


@pytest.fixture
def diane(still: Services, browse: Browse) -> Browser:
    hire(still, "Diane")
    browser = browse()
    assert browser.sign_in("Diane").status_code == 303
    return browser


def state(services: Services) -> AgentState:
    agent = services.store.get(Agent, "diane")
    assert agent is not None
    return agent.state


def test_no_route_changes_anything_without_its_token(still: Services, browse: Browse) -> None:
    hire(still, "Diane", Role.ADMIN)  # to whom every route is open
    diane = browse()
    assert diane.sign_in("Diane").status_code == 303
    changing = [(m, path) for _, m, path in routes(diane.app) if m not in ("GET", "HEAD", "OPTIONS")]
    assert len(changing) >= 4
    for method, path in changing:
        for headers in ({}, {"Calor-Background": "1"}, {"Content-Type": "text/plain"}):
            answer = diane.client.open(path, method=method, base_url=diane.base, headers=headers)
            assert answer.status_code == 403, (method, path)
            assert "could not be taken" in words(answer)
    assert diane.signed_in()
    assert state(still) is AgentState.OFFLINE


def test_the_token_counts_in_a_form_or_in_a_header_and_nowhere_else(still: Services, diane: Browser) -> None:
    token = diane.token()
    do = {"do": "available"}
    for answer in (
        diane.post(f"/me/state?csrf={token}", do),
        diane.post("/me/state", do | {"token": token}),
        diane.post("/me/state", do, Cookie=f"csrf={token}"),
        diane.post("/me/state", do, X_CSRF_Token=token),
    ):
        assert answer.status_code == 403
    assert state(still) is AgentState.OFFLINE
    assert diane.post("/me/state", do, Calor_Token=token).status_code == 303
    assert state(still) is AgentState.AVAILABLE
    assert diane.post("/me/state", {"do": "offline", "csrf": token}).status_code == 303
    assert state(still) is AgentState.OFFLINE


@pytest.mark.parametrize("forged", ["", "x", "é", "0" * 64, "a" * 100_000])
def test_a_forged_token_is_none(still: Services, diane: Browser, forged: str) -> None:
    assert diane.post("/me/state", {"do": "available", "csrf": forged}).status_code == 403
    assert state(still) is AgentState.OFFLINE


def test_a_token_is_good_for_its_own_sign_in_alone(still: Services, diane: Browser, browse: Browse) -> None:
    hire(still, "Vicki")
    vicki = browse()
    vicki.sign_in("Vicki")
    other = browse()
    other.sign_in("Diane")  # herself, on another browser
    for token in (vicki.token(), other.token(), browse().token("/sign-in")):
        assert token
        assert diane.post("/me/state", {"do": "available", "csrf": token}).status_code == 403
    old = diane.token()
    diane.send("/sign-out")
    diane.sign_in("Diane")
    assert diane.post("/me/state", {"do": "available", "csrf": old}).status_code == 403


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example.com"},
        {"Origin": "http://127.0.0.1:9.evil.example.com"},
        {"Sec_Fetch_Site": "cross-site"},
        {"Sec_Fetch_Site": "same-site"},
    ],
)
def test_a_form_that_a_browser_says_is_foreign_is_refused_even_with_a_token(
    still: Services, diane: Browser, headers: dict[str, str]
) -> None:
    token = diane.token()
    assert diane.post("/me/state", {"do": "available", "csrf": token}, **headers).status_code == 403
    ours = {"Origin": diane.base, "Sec_Fetch_Site": "same-origin"}
    assert diane.post("/me/state", {"do": "available", "csrf": token}, **ours).status_code == 303


def test_another_site_signs_nobody_in_as_somebody_else(still: Services, browse: Browse) -> None:
    """A victim who is signed in as the attacker would write their notes into the attacker's account."""
    hire(still, "Diane")
    attacker, victim = browse(), browse()
    stolen = attacker.token("/sign-in")
    victim.get("/sign-in")
    form = {"email": "diane@example.com", "password": PASSWORD}
    assert victim.post("/sign-in", form).status_code == 403
    assert victim.post("/sign-in", form | {"csrf": stolen}).status_code == 403
    blank = Browser(app=victim.app)
    assert blank.post("/sign-in", form | {"csrf": stolen}).status_code == 403
    assert not victim.signed_in()


def test_looking_changes_nothing(still: Services, diane: Browser) -> None:
    for path in ("/sign-out", "/me/state?do=available", "/me/password?old=a&new=b"):
        diane.get(path)
    assert diane.signed_in()
    assert state(still) is AgentState.OFFLINE
    assert diane.get("/sign-out").status_code == 405


def test_a_form_that_was_open_while_the_sign_in_ended_leads_back_to_where_it_was(
    still: Services, diane: Browser
) -> None:
    form = {"do": "available", "csrf": diane.token()}
    still.store.redis.delete(*still.store.redis.keys("session:*"))
    answer = diane.post("/me/state", form)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/sign-in?next=/")
    for page, back in (
        (f"{diane.base}/me/password?a=b", "/me/password?a%3Db"),
        ("https://evil.example.com/me/password", "/"),
        (f"{diane.base}//evil.example.com/", "/"),
        (f"{diane.base}.evil.example.com/me/password", "/"),
    ):
        answer = diane.post("/me/state", form, Referer=page)
        assert answer.headers["Location"] == f"/sign-in?next={back}"
    assert state(still) is AgentState.OFFLINE
