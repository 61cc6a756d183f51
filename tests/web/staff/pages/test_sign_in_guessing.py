"""Guessing passwords: bounds per address and browser, and nobody is locked out by others."""

from __future__ import annotations

from collections.abc import Callable

from flask import Flask

from ivr.services import Services
from ivr.store.queries import sign_in_throttle
from ivr.usecases.staff import sign_in
from ivr.usecases.staff.sign_in import Credentials
from tests.conftest import MONDAY_TWO_PM
from tests.usecases.promises.promised import set_clock
from tests.web.browser import Browser, hire, words
from tests.web.staff.pages.signing_in import HOUR, MINUTE, Browse


def test_after_ten_wrong_ones_an_address_waits_and_is_let_in_again(still: Services, browse: Browse) -> None:
    hire(still, "Diane")
    guesser = browse()
    for _ in range(10):
        assert guesser.sign_in("Diane", "wrong password").status_code == 401
    refused = guesser.sign_in("Diane")
    assert (refused.status_code, "tried too often" in words(refused)) == (429, True)
    assert 0 < int(refused.headers["Retry-After"]) <= 901
    assert not guesser.signed_in()
    for _ in range(30):  # what is refused does not make it longer
        guesser.sign_in("Diane", "wrong password")
    set_clock(still, MONDAY_TWO_PM + 15 * MINUTE + 1)
    assert guesser.sign_in("Diane").status_code == 303


def test_it_does_not_show_by_waiting_either_whether_there_is_an_account(
    still: Services, browse: Browse
) -> None:
    hire(still, "Diane")
    for name in ("Diane", "Nobody"):
        guesser = browse()
        codes = [guesser.sign_in(name, "wrong password").status_code for _ in range(11)]
        assert codes == [401] * 10 + [429]


def guess_from_everywhere(services: Services) -> None:
    """A botnet: more guesses than an account takes. They are counted as by the page; what they cost is left out."""
    for n in range(120):
        given = Credentials(email="diane@example.com", password="", ip_address=f"198.51.100.{n}")
        bounds = sign_in._list_bounds(services.settings, given)  # noqa: SLF001
        sign_in_throttle.begin_attempt(services.store, f"guess{n}", bounds, services.clock.now())


def test_who_guesses_from_elsewhere_locks_nobody_out(
    still: Services, staff_app: Callable[..., Flask]
) -> None:
    hire(still, "Diane")
    app = staff_app(IVR_TRUSTED_PROXIES="1")
    at_work = Browser(app=app, headers={"X-Forwarded-For": "192.0.2.1"})
    guess_from_everywhere(still)
    assert at_work.sign_in("Diane").status_code == 429  # never seen here: indistinguishable from them
    set_clock(still, MONDAY_TWO_PM + HOUR)
    assert at_work.sign_in("Diane").status_code == 303
    at_work.send("/sign-out")
    guess_from_everywhere(still)
    assert at_work.sign_in("Diane").status_code == 303  # by the mark of the browser


def test_one_address_locks_out_only_itself(still: Services, staff_app: Callable[..., Flask]) -> None:
    hire(still, "Diane")
    app = staff_app(IVR_TRUSTED_PROXIES="1")
    for _ in range(60):
        Browser(app=app, headers={"X-Forwarded-For": "198.51.100.1"}).sign_in("Diane", "wrong guess")
    assert Browser(app=app, headers={"X-Forwarded-For": "192.0.2.1"}).sign_in("Diane").status_code == 303


def test_one_address_guesses_at_many_people_no_further_than_its_bound(
    still: Services, browse: Browse
) -> None:
    codes = [browse().sign_in(f"person{n}", "wrong guess").status_code for n in range(55)]
    assert codes == [401] * 50 + [429] * 5


def test_the_mark_of_a_browser_is_no_way_to_guess_at_somebody_else(still: Services, browse: Browse) -> None:
    hire(still, "Diane")
    hire(still, "Vicki")
    vicki = browse()
    vicki.sign_in("Vicki")
    vicki.send("/sign-out")
    codes = [vicki.sign_in("Diane", "wrong guess").status_code for _ in range(11)]
    assert codes == [401] * 10 + [429]
    guesses = [vicki.sign_in("Vicki", "wrong guess").status_code for _ in range(11)]
    assert guesses == [401] * 10 + [429]


def test_an_address_is_what_our_own_proxy_says_and_nothing_that_a_stranger_adds(
    still: Services, staff_app: Callable[..., Flask]
) -> None:
    hire(still, "Diane")
    for proxies in ("0", "1"):
        still.store.redis.delete(*still.store.redis.keys("sign_in_attempts:*") or ["none"])
        app = staff_app(IVR_TRUSTED_PROXIES=proxies)
        codes = []
        for n in range(11):
            claimed = f"203.0.113.{n}" + (", 198.51.100.7" if proxies == "1" else "")
            stranger = Browser(app=app, headers={"X-Forwarded-For": claimed})
            codes.append(stranger.sign_in("Diane", "wrong guess").status_code)
        assert codes == [401] * 10 + [429], proxies


def test_attempts_at_the_same_instant_are_counted_before_they_are_made(still: Services) -> None:
    hire(still, "Diane")
    given = Credentials(email="diane@example.com", password="wrong" * 3, ip_address="192.0.2.1")
    bounds = sign_in._list_bounds(still.settings, given)  # noqa: SLF001
    begun = [
        sign_in_throttle.begin_attempt(still.store, f"n{n}", bounds, still.clock.now()) for n in range(12)
    ]
    assert begun[:10] == [0.0] * 10
    assert min(begun[10:]) > 0
