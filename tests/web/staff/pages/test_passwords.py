"""Passwords: what is asked of them, how they are changed, and where they never stand."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask

from ivr.domain.actor import SYSTEM
from ivr.services import Services
from ivr.store import keys
from ivr.usecases.staff import accounts, passwords
from tests.web.browser import PASSWORD, Browser, hire, words
from tests.web.staff.pages.signing_in import Browse


def test_passwords_are_long_enough_and_nothing_else_is_asked_of_them(still: Services) -> None:
    hire(still, "Diane")
    for unfit in ("elevenchars", "", "aaaaaaaaaaaaaaa", "diane@example.com", "x" * 201):
        with pytest.raises(passwords.UnfitPassword):
            accounts.set_password(still, "Diane", unfit, actor=SYSTEM)
    for fit in ("all small letters", "ñandú y señora 12", "🐻🐨🐼 bears forever"):
        kept = accounts.set_password(still, "Diane", fit, actor=SYSTEM).password_hash
        assert kept.startswith("$argon2id$")
        assert passwords.verify_password(fit, kept)
        assert not passwords.verify_password(fit + " ", kept)


def test_a_password_is_the_same_however_a_keyboard_writes_its_accents(still: Services) -> None:
    kept = passwords.hash_password("sen\u0303ora de la casa")
    assert passwords.verify_password("se\u00f1ora de la casa", kept)


def test_ones_own_password_is_changed_by_who_knows_the_old_one(still: Services, browse: Browse) -> None:
    hire(still, "Diane")
    desk, kitchen = browse(), browse()
    desk.sign_in("Diane")
    kitchen.sign_in("Diane")
    new = "quite another one"
    form = {"old": "not the old one", "new": new, "again": new}
    assert "not your password" in words(desk.send("/me/password", form))
    form = {"old": PASSWORD, "new": new, "again": new + "x"}
    assert "not the same" in words(desk.send("/me/password", form))
    form = {"old": PASSWORD, "new": "short", "again": "short"}
    assert "12 characters" in words(desk.send("/me/password", form))
    assert desk.send("/me/password", {"old": PASSWORD, "new": new, "again": new}).status_code == 303
    assert desk.signed_in()
    assert not kitchen.signed_in()
    assert kitchen.sign_in("Diane", new).status_code == 303


def test_a_page_left_open_is_no_way_to_guess_a_password(still: Services, browse: Browse) -> None:
    hire(still, "Diane")
    desk = browse()
    desk.sign_in("Diane")
    for _ in range(10):
        desk.send(
            "/me/password",
            {"old": "a guess", "new": "n" * 3 + "ew one of mine", "again": "nnnew one of mine"},
        )
    new = "quite another one"
    assert desk.send("/me/password", {"old": PASSWORD, "new": new, "again": new}).status_code == 429


def test_no_password_and_no_address_stands_in_a_log_or_the_journal(
    still: Services, browse: Browse, caplog: pytest.LogCaptureFixture
) -> None:
    hire(still, "Diane")
    diane = browse()
    diane.sign_in("Diane", "a secret guess")
    diane.sign_in("Diane")
    diane.send("/me/password", {"old": PASSWORD, "new": "a secret of hers", "again": "a secret of hers"})
    told = caplog.text
    assert "sign_in_refused" in told
    kept = json.dumps(still.store.redis.xrange(keys.EVENT_LOG))
    everything = json.dumps([_dump(still, key) for key in still.store.redis.scan_iter()])
    for secret in ("a secret guess", PASSWORD, "a secret of hers"):
        assert secret not in told + kept + everything
    assert "diane@example.com" not in told + kept


def _dump(services: Services, key: str) -> Any:
    redis: Any = services.store.redis
    kind = redis.type(key)
    if kind == "hash":
        return redis.hgetall(key)
    return redis.get(key) if kind == "string" else key


def test_while_the_record_is_away_the_page_says_so_and_nobody_is_let_in(
    still: Services, staff_app: Callable[..., Flask]
) -> None:
    hire(still, "Diane")
    app = staff_app()
    diane = Browser(app=app)
    diane.sign_in("Diane")
    away = Browser(app=staff_app(REDIS_URL="redis://127.0.0.1:9/0"))
    away.hold(diane.cookie())
    page = away.get("/")
    assert (page.status_code, "The record is away" in words(page)) == (503, True)
    assert away.sign_in("Diane").status_code == 503
    short = away.get("/me/state", Calor_Background="1")
    assert (short.status_code, short.mimetype) == (503, "text/plain")
