"""Signing in, staying so for as long as one may, and being out afterwards."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace

import pytest
from flask import Flask
from itsdangerous import URLSafeSerializer
from prometheus_client import REGISTRY

from ivr.domain.actor import SYSTEM, Actor, Channel
from ivr.domain.records.account import Account, Role
from ivr.services import Services
from ivr.usecases.staff import accounts, passwords, sessions, sign_in
from ivr.usecases.staff.sign_in import Credentials
from tests.conftest import MONDAY_TWO_PM
from tests.usecases.promises.promised import journal, set_clock
from tests.web.browser import PASSWORD, Browser, hire, words
from tests.web.staff.pages.signing_in import HOUR, Browse


def test_whoever_signs_in_comes_to_the_page_they_wanted_and_is_greeted_by_name(
    still: Services, browse: Browse
) -> None:
    hire(still, "Diane")
    diane = browse()
    asked = diane.get("/me/password")
    assert asked.status_code == 303
    assert asked.headers["Location"] == "/sign-in?next=/me/password"
    assert diane.sign_in("Diane", back="/me/password").headers["Location"] == "/me/password"
    page = diane.get("/")
    assert (page.status_code, "Diane" in words(page), "agent" in words(page)) == (200, True, True)
    assert [e["account"] for e in journal(still, "signed in")] == ["diane"]


def test_the_cookie_is_for_no_script_and_no_other_site_and_over_https_for_this_host_alone(
    still: Services, staff_app: Callable[..., Flask]
) -> None:
    hire(still, "Diane")
    plain = Browser(app=staff_app()).sign_in("Diane").headers.getlist("Set-Cookie")
    for cookie in plain:
        assert "HttpOnly" in cookie
        assert "SameSite=Lax" in cookie
        assert "Secure" not in cookie
    safe = Browser(app=staff_app(PUBLIC_URL="https://line.example.com"), base="https://line.example.com")
    answer = safe.sign_in("Diane")
    cookies = answer.headers.getlist("Set-Cookie")
    assert any(c.startswith("__Host-calor=") for c in cookies)
    for cookie in cookies:
        assert "Secure" in cookie
        assert "Path=/" in cookie
        assert "Domain" not in cookie
    assert "max-age=31536000" in answer.headers["Strict-Transport-Security"]
    assert safe.signed_in()


def test_a_wrong_password_and_an_unknown_address_are_answered_alike_and_cost_the_same_work(
    still: Services, browse: Browse
) -> None:
    hire(still, "Diane")
    accounts.add_account(
        still, accounts.AccountDetails(name="New", email="new@example.com"), actor=SYSTEM
    )  # no password yet
    told = set()
    for name in ("Diane", "Nobody", "New"):
        answer = browse().sign_in(name, "another password")
        text = re.sub(r'value="[^"]*"', "", words(answer))
        told.add((answer.status_code, text, str(sorted(answer.headers.keys()))))
    assert len(told) == 1
    assert "not right" in told.pop()[1]


def test_the_work_is_one_comparison_whether_there_is_an_account_or_not(still: Services) -> None:
    """By the path, not by a clock: as many round trips, one argon2 with the same costs."""
    hire(still, "Diane")
    accounts.add_account(still, accounts.AccountDetails(name="New", email="new@example.com"), actor=SYSTEM)
    assert _costs(passwords.get_placeholder_hash()) == _costs(still.store.get(Account, "diane").password_hash)  # type: ignore[union-attr]
    trips = {}
    for email in ("diane@example.com", "nobody@example.com", "new@example.com", "no address"):
        before, compared = _commands(still), _compared()
        came = sign_in.check_credentials(
            still, Credentials(email=email, password="wrong" * 3, ip_address="192.0.2.1")
        )
        assert isinstance(came, sign_in.WrongCredentials)
        trips[email] = _commands(still) - before
        assert _compared() - compared == 1, email
    assert len(set(trips.values())) == 1, trips


def _costs(kept: str) -> str:
    return kept.rpartition("$")[0].rpartition("$")[0]


def _compared() -> float:
    return REGISTRY.get_sample_value("calor_password_checks_total") or 0.0


def _commands(services: Services) -> int:
    return int(services.store.redis.info("stats")["total_commands_processed"])


def test_a_cookie_that_was_copied_is_worth_nothing_after_signing_out(still: Services, browse: Browse) -> None:
    hire(still, "Diane")
    diane, thief = browse(), browse()
    diane.sign_in("Diane")
    thief.hold(diane.cookie())
    assert thief.signed_in()
    assert diane.send("/sign-out").headers["Location"] == "/sign-in"
    assert not diane.cookie()
    assert not diane.signed_in()
    assert not thief.signed_in()


def test_signing_out_on_one_browser_leaves_the_others_in(still: Services, browse: Browse) -> None:
    hire(still, "Diane")
    desk, kitchen = browse(), browse()
    desk.sign_in("Diane")
    kitchen.sign_in("Diane")
    desk.send("/sign-out")
    assert kitchen.signed_in()


@pytest.mark.parametrize("what", ["password", "role", "sign-out", "removed", "email"])
def test_what_is_taken_from_somebody_ends_their_sign_ins_everywhere(
    still: Services, browse: Browse, what: str
) -> None:
    hire(still, "Diane", Role.SUPERVISOR)
    desk, kitchen = browse(), browse()
    desk.sign_in("Diane")
    kitchen.sign_in("Diane")
    by = Actor(id="ada", channel=Channel.TERMINAL)
    if what == "password":
        accounts.set_password(still, "Diane", "another one of hers", actor=by)
    elif what == "role":
        accounts.add_account(still, accounts.AccountDetails(name="Diane", role=Role.AGENT), actor=by)
    elif what == "email":
        accounts.add_account(still, accounts.AccountDetails(name="Diane", email="d@example.com"), actor=by)
    elif what == "sign-out":
        accounts.sign_out_everywhere(still, "Diane", actor=by)
    else:
        accounts.remove_account(still, "Diane", actor=by)
    assert not desk.signed_in()
    assert not kitchen.signed_in()


def test_adding_somebody_again_as_they_were_ends_nothing(still: Services, browse: Browse) -> None:
    hire(still, "Diane")
    desk = browse()
    desk.sign_in("Diane")
    accounts.add_account(still, accounts.AccountDetails(name="Diane", role=Role.AGENT), actor=SYSTEM)
    assert desk.signed_in()


def test_a_sign_in_ends_when_nothing_is_done_and_goes_on_while_something_is(
    still: Services, browse: Browse
) -> None:
    hire(still, "Diane")
    diane, left = browse(), browse()
    diane.sign_in("Diane")
    left.sign_in("Diane")
    for hours in (3.5, 7.0):  # idle: four hours
        set_clock(still, MONDAY_TWO_PM + hours * HOUR)
        assert diane.signed_in()
    assert not left.signed_in()


def test_nobody_stays_longer_than_a_shift_whatever_they_do(still: Services, browse: Browse) -> None:
    hire(still, "Diane")
    diane = browse()
    diane.sign_in("Diane")
    for hours in range(12):
        set_clock(still, MONDAY_TWO_PM + hours * HOUR)
        assert diane.signed_in()
    set_clock(still, MONDAY_TWO_PM + 12 * HOUR + 1)
    assert not diane.signed_in()


def test_a_page_that_is_merely_open_does_nothing(still: Services, browse: Browse) -> None:
    hire(still, "Diane")
    diane = browse()
    diane.sign_in("Diane")
    for hours in (1, 2, 3):
        set_clock(still, MONDAY_TWO_PM + hours * HOUR)
        assert diane.get("/me/state", Calor_Background="1").status_code == 200
    set_clock(still, MONDAY_TWO_PM + 4 * HOUR + 1)
    answer = diane.get("/me/state", Calor_Background="1")
    assert answer.status_code == 401
    assert "signed out" in words(answer)


def test_a_cookie_planted_before_signing_in_is_not_the_one_signed_in_with(
    still: Services, browse: Browse
) -> None:
    """Session fixation: an attacker's own sign-in, or a made-up one, is put into the victim's browser."""
    hire(still, "Diane")
    hire(still, "Vicki")
    vicki, diane = browse(), browse()
    vicki.sign_in("Vicki")
    planted = vicki.cookie()
    form = {"email": "diane@example.com", "password": PASSWORD, "csrf": diane.token("/sign-in")}
    diane.hold(planted)
    assert diane.post("/sign-in", form).status_code == 303
    assert diane.cookie() != planted
    assert "Diane" in words(diane.get("/"))
    vicki.hold(planted)
    assert not vicki.signed_in()  # what the browser was signed in with has ended


@pytest.mark.parametrize("made_up", ["", "x", "." * 50, "é", "A" * 3000, '["a","b",1].c'])
def test_a_made_up_cookie_is_nobody(still: Services, browse: Browse, made_up: str) -> None:
    stranger = browse()
    stranger.hold(made_up)
    assert stranger.get("/").status_code == 303
    assert stranger.get("/sign-in").status_code == 200


def test_a_cookie_of_another_purpose_or_key_or_a_changed_one_is_nobody(
    still: Services, browse: Browse
) -> None:
    hire(still, "Diane")
    diane, thief = browse(), browse()
    diane.sign_in("Diane")
    ticket = sessions.read_cookie(still.settings, diane.cookie())
    assert ticket is not None
    told = [ticket.session_id, ticket.account_id, ticket.last_used_at]
    for forged in (
        diane.cookie("calor-browser"),
        diane.cookie()[:-3] + "abc",
        URLSafeSerializer("another key", salt="a sign-in").dumps(told),
        URLSafeSerializer(still.settings.signing_key, salt="another purpose").dumps(told),
        sessions.sign_cookie(still.settings, replace(ticket, session_id="made up")),
        sessions.sign_cookie(still.settings, replace(ticket, account_id="boss")),
    ):
        thief.hold(str(forged))
        assert not thief.signed_in()


def test_a_sign_in_of_one_person_is_none_of_anothers(still: Services, browse: Browse) -> None:
    """Even with the key: the record says whose it is."""
    hire(still, "Diane")
    hire(still, "Boss", Role.ADMIN)
    diane = browse()
    diane.sign_in("Diane")
    ticket = sessions.read_cookie(still.settings, diane.cookie())
    assert ticket is not None
    diane.hold(sessions.sign_cookie(still.settings, replace(ticket, account_id="boss")))
    assert not diane.signed_in()


@pytest.mark.parametrize(
    "evil",
    [
        "https://evil.example.com/",
        "//evil.example.com/",
        "/\\evil.example.com/",
        "\\\\evil.example.com",
        "/%5cevil.example.com",
        "/\t/evil.example.com",
        "/\r\nSet-Cookie: a=b",
        "javascript:alert(1)",
        " //evil.example.com",
        "/sign-in",
        "/live",
        "/sign-out",
        "/voice/answer",
        "/p/abc",
        "/static/staff/staff.css",
        "/nowhere",
        "http:/",
        "/me/password#//evil" + "x" * 500,
    ],
)
def test_signing_in_leads_to_pages_of_ours_alone(still: Services, browse: Browse, evil: str) -> None:
    hire(still, "Diane")
    diane = browse()
    form = words(diane.client.get("/sign-in", query_string={"next": evil}, base_url=diane.base))
    assert 'name="next" value="/"' in form
    assert diane.sign_in("Diane", back=evil).headers["Location"] == "/"
    again = diane.client.get("/sign-in", query_string={"next": evil}, base_url=diane.base)
    assert (again.status_code, again.headers["Location"]) == (303, "/")
    assert "a=b" not in str(again.headers)
