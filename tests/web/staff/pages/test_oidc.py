"""Signing in at an OpenID Connect provider: by a code, once, on one browser, as somebody who is known here."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import parse_qs, parse_qsl, urlsplit

import pytest
import urllib3
from flask import Flask
from werkzeug.test import TestResponse

from ivr.domain.actor import SYSTEM
from ivr.domain.records.account import Account
from ivr.services import Services
from ivr.usecases.staff import accounts
from tests.conftest import MONDAY_TWO_PM
from tests.usecases.promises.promised import journal, set_clock
from tests.web.browser import Browser, hire, words
from tests.web.oidc_provider import CLIENT, Provider, key
from tests.web.staff.pages.provider_sign_in import BACK, given

NOT_FOR_US: list[dict[str, object]] = [
    {"nonce": "another"},
    {"nonce": None},
    {"aud": "another app"},
    {"aud": "another app", "azp": CLIENT},
    {"aud": [CLIENT, "another app"]},
    {"aud": None},
    {"iss": "https://accounts.example.net"},
    {"iss": None},
    {"exp": int(MONDAY_TWO_PM) - 61},
    {"exp": None},
    {"sub": None},
    {"iat": int(MONDAY_TWO_PM) + 600},
]


@pytest.fixture
def browser(still: Services, provider: Provider, staff_app: Callable[..., Flask]) -> Browser:
    hire(still, "Diane")
    return Browser(app=staff_app(**given(provider)))


def sign_in_at_provider(browser: Browser, back: str = "/") -> str:
    """To the provider, where they say yes; the address that it sends them back to."""
    there = browser.get(f"/sign-in/openid?next={back}").headers["Location"]
    answer = urllib3.request("GET", there, redirect=False, retries=False)
    parts = urlsplit(answer.headers["Location"])
    assert f"{parts.scheme}://{parts.netloc}{parts.path}" == f"{browser.base}{BACK}"
    return f"{parts.path}?{parts.query}"


def refused(browser: Browser, answer: TestResponse, *, status: int, says: str) -> None:
    assert (answer.status_code, says in words(answer)) == (status, True), words(answer)
    assert not browser.signed_in()
    assert 'name="password"' in words(answer)  # the other way is beside it


def test_whoever_the_provider_knows_is_in_and_comes_to_the_page_they_wanted(
    still: Services, provider: Provider, browser: Browser
) -> None:
    page = words(browser.get("/sign-in?next=/me/password"))
    assert 'href="/sign-in/openid?next=/me/password">Sign in with <Acme> {ID}</a>' in page
    assert "<Acme>" not in browser.get("/sign-in").get_data(as_text=True)
    provider.email = "Diane@Example.com"
    answer = browser.get(sign_in_at_provider(browser, "/me/password"))
    assert (answer.status_code, answer.headers["Location"]) == (303, "/me/password")
    assert "Diane" in words(browser.get("/"))
    assert [(e["account"], e["how"]) for e in journal(still, "signed in")] == [("diane", "oidc")]
    assert browser.cookie("calor-openid") == ""
    assert browser.cookie("calor-browser")
    assert browser.get("/sign-in/openid?next=/me/password").headers["Location"] == "/me/password"


def test_what_the_provider_is_asked_for_says_nothing_of_the_cookie(
    browser: Browser, provider: Provider
) -> None:
    answer = browser.get("/sign-in/openid")
    asked = {name: value for name, (value,) in parse_qs(urlsplit(answer.headers["Location"]).query).items()}
    assert asked["response_type"] == "code"
    assert (asked["code_challenge_method"], len(asked["code_challenge"])) == ("S256", 43)
    assert asked["scope"].split() == ["openid", "email"]
    (cookie,) = (c for c in answer.headers.getlist("Set-Cookie") if "calor-openid" in c)
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert "Max-Age=600" in cookie
    assert len({asked["state"], asked["nonce"], asked["code_challenge"]}) == 3
    assert answer.headers["Content-Security-Policy"].count("form-action 'self';") == 1
    again = browser.get("/sign-in/openid").headers["Location"]
    assert asked["state"] not in again


def test_who_has_no_password_signs_in_there_all_the_same(
    still: Services, provider: Provider, browser: Browser
) -> None:
    accounts.add_account(still, accounts.AccountDetails(name="New", email="new@example.com"), actor=SYSTEM)
    provider.email = "new@example.com"
    assert browser.get(sign_in_at_provider(browser)).status_code == 303
    assert "New" in words(browser.get("/"))


def test_a_token_that_is_not_for_us_now_is_none(provider: Provider, browser: Browser) -> None:
    for claims in NOT_FOR_US:
        provider.claims = claims
        refused(browser, browser.get(sign_in_at_provider(browser)), status=401, says="Try again from here")


@pytest.mark.parametrize("how", ["unsigned", "by_public_key", "by_a_stranger"])
def test_a_token_that_the_provider_did_not_sign_is_none(
    provider: Provider, browser: Browser, how: str
) -> None:
    provider.sign = getattr(provider, how)
    refused(browser, browser.get(sign_in_at_provider(browser)), status=401, says="Try again from here")


def test_no_token_and_no_sense_are_none(provider: Provider, browser: Browser) -> None:
    for text in ("", "x", "a.b.c", "é" * 9):
        provider.sign = lambda _header, _claims, text=text: text
        refused(browser, browser.get(sign_in_at_provider(browser)), status=401, says="Try again from here")


def test_new_keys_of_the_provider_are_fetched(provider: Provider, browser: Browser) -> None:
    browser.get("/sign-in/openid")  # it has the old ones
    provider.private, provider.kid = key(), f"{provider.kid}+"
    assert browser.get(sign_in_at_provider(browser)).status_code == 303
    assert provider.asked.count("/keys") >= 1


def test_a_state_is_good_on_the_browser_that_has_its_cookie(provider: Provider, browser: Browser) -> None:
    """Login CSRF: somebody else's code, sent to a victim as a link."""
    other = Browser(app=browser.app)
    refused(other, other.get(sign_in_at_provider(browser)), status=401, says="begun on another browser")
    theirs = sign_in_at_provider(browser)
    sign_in_at_provider(other)
    refused(other, other.get(theirs), status=401, says="begun on another browser")
    path = sign_in_at_provider(browser)
    code = dict(parse_qsl(urlsplit(path).query))["code"]
    for state in ("", "x", "é", "0" * 64):
        sign_in_at_provider(browser)
        refused(browser, browser.get(f"{BACK}?code={code}&state={state}"), status=401, says="Try again")
    assert "/token" not in provider.asked


def test_a_return_counts_once_even_with_its_cookie_and_a_new_code(
    provider: Provider, browser: Browser
) -> None:
    path = sign_in_at_provider(browser)
    cookie = browser.cookie("calor-openid")
    provider.down = "/token"
    refused(browser, browser.get(path), status=503, says="does not work at the moment")
    provider.down = ""
    browser.hold(cookie, "calor-openid")
    asked = provider.asked.count("/token")
    refused(browser, browser.get(path), status=401, says="used already")
    assert provider.asked.count("/token") == asked


def test_a_code_that_the_provider_takes_no_more_is_refused(provider: Provider, browser: Browser) -> None:
    path = sign_in_at_provider(browser)
    provider.codes.clear()
    refused(browser, browser.get(path), status=401, says="Try again from here")


def test_after_ten_minutes_it_is_too_old(still: Services, provider: Provider, browser: Browser) -> None:
    path = sign_in_at_provider(browser)
    set_clock(still, MONDAY_TWO_PM + 600)
    provider.claims = {"exp": MONDAY_TWO_PM + 900}  # the token is good
    refused(browser, browser.get(path), status=401, says="too old")


def test_an_address_that_the_provider_does_not_vouch_for_is_nobodys(
    provider: Provider, browser: Browser
) -> None:
    for verified in (False, None, "true", 1):
        provider.claims = {"email_verified": verified}
        refused(
            browser,
            browser.get(sign_in_at_provider(browser)),
            status=401,
            says="does not confirm an e-mail address",
        )


def test_an_address_that_is_only_in_userinfo_is_taken_when_it_is_the_same_persons(
    provider: Provider, browser: Browser
) -> None:
    provider.claims = {"email": None, "email_verified": None}
    provider.person = "somebody else"
    refused(
        browser,
        browser.get(sign_in_at_provider(browser)),
        status=401,
        says="does not confirm an e-mail address",
    )
    provider.person = "d1"
    assert browser.get(sign_in_at_provider(browser)).status_code == 303
    assert "Diane" in words(browser.get("/"))


def test_a_stranger_stays_one_and_nobody_is_added(
    still: Services, provider: Provider, browser: Browser
) -> None:
    provider.email = "<b>@example.com"
    answer = browser.get(sign_in_at_provider(browser))
    refused(browser, answer, status=401, says="<b>@example.com has no account here")
    assert "<b>" not in answer.get_data(as_text=True)
    assert [a.id for a in still.store.list_all(Account)] == ["diane"]
    assert journal(still, "signed in") == []


def test_whoever_changes_their_mind_there_is_told_so_and_counted_for_nothing(
    still: Services, browser: Browser
) -> None:
    for _ in range(12):
        state = dict(parse_qsl(urlsplit(sign_in_at_provider(browser)).query))["state"]
        answer = browser.get(f"{BACK}?error=access_denied&state={state}")
        refused(browser, answer, status=200, says="You did not sign in at <Acme> {ID}")
    assert not still.store.redis.keys("sign_in_attempts:*")
    state = dict(parse_qsl(urlsplit(sign_in_at_provider(browser)).query))["state"]
    answer = browser.get(f"{BACK}?error=server_error&state={state}")
    refused(browser, answer, status=503, says="does not work at the moment")


def test_refusals_are_counted_with_those_of_passwords(still: Services, browser: Browser) -> None:
    for _ in range(50):
        assert browser.get(f"{BACK}?code=x&state=x").status_code == 401
    answer = browser.get(sign_in_at_provider(browser))
    refused(browser, answer, status=429, says="tried too often")
    assert browser.sign_in("Diane").status_code == 429
    set_clock(still, MONDAY_TWO_PM + 901)
    assert (
        browser.get(sign_in_at_provider(browser)).status_code == 401
    )  # looked at again: the token is a quarter of an hour old


def test_a_browser_that_is_known_has_a_bound_of_its_own(provider: Provider, browser: Browser) -> None:
    browser.get(sign_in_at_provider(browser))
    browser.send("/sign-out")
    stranger = Browser(app=browser.app)
    assert {stranger.get(f"{BACK}?state=x").status_code for _ in range(51)} == {401, 429}
    assert browser.get(sign_in_at_provider(browser)).status_code == 303
