"""https://www.twilio.com/docs/usage/twilios-response#pagination"""

import json
from typing import Any

import pytest

from tests.emulator.harness import ACCOUNT, LINE, VICKI, Emulator

CALLS = f"/2010-04-01/Accounts/{ACCOUNT}/Calls.json"


def get(emulator: Emulator, path: str, status: int = 200) -> dict[str, Any]:
    response = emulator.api.request("GET", f"{emulator.url}{path}")
    assert response.status_code == status, response.text
    body: dict[str, Any] = json.loads(response.text)
    return body


def sids(page: dict[str, Any]) -> list[str]:
    return [one["sid"] for one in page["calls"]]


@pytest.fixture
def made(emulator: Emulator) -> list[str]:
    """Newest first."""
    calls = [emulator.api.calls.create(to=VICKI, from_=LINE, twiml="<Response/>").sid for _ in range(5)]
    emulator.run(120)
    return calls[::-1]


def test_a_page_names_its_neighbours_and_keeps_the_filters(emulator: Emulator, made: list[str]) -> None:
    first = get(emulator, f"{CALLS}?PageSize=2&To=%2B{VICKI[1:]}")
    assert (sids(first), first["page"], first["start"], first["end"]) == (made[:2], 0, 0, 1)
    assert first["previous_page_uri"] is None
    assert f"To=%2B{VICKI[1:]}&PageSize=2&Page=1&PageToken=PA{made[1]}" in first["next_page_uri"]
    second = get(emulator, first["next_page_uri"])
    assert (sids(second), second["page"], second["start"], second["end"]) == (made[2:4], 1, 2, 3)
    assert sids(get(emulator, second["previous_page_uri"])) == made[:2]
    assert sids(get(emulator, second["uri"])) == made[2:4]
    last = get(emulator, second["next_page_uri"])
    assert (sids(last), last["next_page_uri"]) == (made[4:], None)
    assert sids(get(emulator, last["first_page_uri"])) == made[:2]


def test_the_page_number_is_simply_for_client_state(emulator: Emulator, made: list[str]) -> None:
    assert sids(get(emulator, f"{CALLS}?PageSize=2&Page=7")) == made[:2]


def test_deleting_what_is_streamed_skips_nothing(emulator: Emulator, made: list[str]) -> None:
    removed = []
    for one in emulator.api.calls.stream(page_size=2):
        assert one.delete()
        removed.append(one.sid)
    assert removed == made
    assert emulator.api.calls.list() == []


def test_what_is_made_meanwhile_is_told_on_no_later_page(emulator: Emulator, made: list[str]) -> None:
    first = get(emulator, f"{CALLS}?PageSize=2")
    emulator.api.calls.create(to=VICKI, from_=LINE, twiml="<Response/>")
    assert sids(get(emulator, first["next_page_uri"])) == made[2:4]


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("PageSize=0", 20001),
        ("PageSize=many", 20001),
        ("PageSize=-1", 20001),
        ("PageSize=1001", 20007),
        ("PageSize=%D9%A1", 20001),
        ("Page=-1", 20001),
        ("Page=first", 20001),
        ("PageToken=nothing", 21481),
        ("PageToken=PACA1", 21481),
    ],
)
def test_a_page_that_cannot_be_is_400(emulator: Emulator, query: str, code: int) -> None:
    assert get(emulator, f"{CALLS}?{query}", status=400)["code"] == code
