"""Pictures are for whoever is signed in and was shown the link, for a while, and can run nothing."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from itsdangerous import Signer

from ivr.domain.actor import SYSTEM
from ivr.domain.records.account import Role
from ivr.domain.records.photo import Photo, PhotoState
from ivr.services import Services
from ivr.store import keys
from ivr.usecases.photos import erase as photo_erase
from ivr.usecases.photos import fetch as photo_fetch
from ivr.usecases.photos import view as photo_view
from tests.conftest import MONDAY_TWO_PM
from tests.usecases.photos.pictures import picture
from tests.web.browser import Browser, hire

LORI = "+12025550155"
NAME = "0123456789ab"
JPEG = picture()


@pytest.fixture
def link(still: Services) -> str:
    """To a large photo of Lori's, which is kept."""
    change = still.store.begin()
    change.put(None, Photo(id=NAME, state=PhotoState.STORED, at_twilio=False, customer=LORI, case="k1"))
    change.append_command("ZADD", keys.customer_photos(LORI), change.now, NAME)
    change.append_command("ZADD", keys.new_photos(""), change.now, NAME)
    assert still.store.commit(change)
    still.photo_storage.put(photo_fetch.file_name(NAME, "large"), JPEG)
    still.photo_storage.put(photo_fetch.file_name(NAME, "small"), JPEG[:-1])
    return f"/photos/{photo_view.create_token(still, NAME, 'large')}"


@pytest.fixture
def diane(still: Services, browse: Callable[[], Browser]) -> Browser:
    hire(still, "Diane")
    browser = browse()
    browser.sign_in("Diane")
    return browser


def test_an_agent_sees_it_and_it_can_run_nothing(diane: Browser, link: str) -> None:
    answer = diane.get(link)
    assert (answer.status_code, answer.data) == (200, JPEG)
    told = {name: answer.headers[name] for name in ("Content-Type", "Content-Disposition", "X-Content-Type-Options", "Cache-Control")}  # fmt: skip
    assert told == {
        "Content-Type": "image/jpeg",
        "Content-Disposition": 'inline; filename="photo.jpg"',
        "X-Content-Type-Options": "nosniff",
        "Cache-Control": "private, max-age=3600, immutable",
    }
    assert "sandbox" in answer.headers["Content-Security-Policy"]
    assert "script-src" not in answer.headers["Content-Security-Policy"]
    assert diane.get("/desk/").headers["Cache-Control"] == "no-store"  # pages are as strict as before


def test_the_link_alone_is_worth_nothing(browse: Callable[[], Browser], still: Services, link: str) -> None:
    answer = browse().get(link)
    assert (answer.status_code, answer.data == JPEG) == (303, False)
    hire(still, "Olga", Role.OPS, phone=False)
    ops = browse()
    ops.sign_in("Olga")
    assert ops.get(link).status_code == 403


def test_a_link_that_was_not_signed_by_us_leads_nowhere(
    diane: Browser, still: Services, link: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    name, size, until, signature = link.removeprefix("/photos/").split(".")
    other = Signer("another key", salt="a photo").get_signature(f"{name} {size} {until}".encode()).decode()
    for forged in (
        f"{name}.small.{until}.{signature}",
        f"{name}.{size}.{int(until) + 1}.{signature}",
        f"{'f' * 12}.{size}.{until}.{signature}",
        f"{name}.{size}.{until}.{other}",
        f"{name}.{size}.{until}.",
        f"..%2F..%2Fetc%2Fpasswd.{size}.{until}.{signature}",
    ):
        assert diane.get(f"/photos/{forged}").status_code == 404, forged


def test_it_ends(diane: Browser, still: Services, link: str) -> None:
    still.store.redis.set(keys.MANUAL_CLOCK, f"{MONDAY_TWO_PM + 3599:.3f}")
    assert diane.get(link).status_code == 200
    still.store.redis.set(keys.MANUAL_CLOCK, f"{MONDAY_TWO_PM + 2 * 3600 + 1:.3f}")
    assert diane.get(link).status_code == 404


def test_what_is_erased_is_seen_by_nobody(diane: Browser, still: Services, link: str) -> None:
    photo_erase.erase_customer_photos(still, LORI, actor=SYSTEM)
    assert diane.get(link).status_code == 404


def test_a_new_one_is_on_the_desk_until_somebody_has_seen_it(diane: Browser, link: str) -> None:
    page = diane.get("/desk/").get_data(as_text=True)
    assert "A photo from the number ending 155" in page
    assert LORI not in page
    assert diane.send("/photos/seen", {"photo": NAME}, page="/desk/").status_code == 303
    assert "A photo from" not in diane.get("/desk/").get_data(as_text=True)


def test_whoever_cannot_be_asked_for_photos_is_not_and_it_says_why(diane: Browser) -> None:
    answer = diane.send("/photos/ask/k9", page="/desk/")
    assert answer.status_code == 409
    assert "There is no such case." in answer.get_data(as_text=True)
    answer = diane.send("/desk/photos", page="/desk/")
    assert (answer.status_code, "You are not in a call." in answer.get_data(as_text=True)) == (409, True)
