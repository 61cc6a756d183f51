"""Our client against an emulated Twilio, over HTTP."""

from __future__ import annotations

import socket
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest

from ivr.domain.errors import CallGone, Misconfigured, NumberUnusable, TryLater, Unclear
from ivr.domain.telephony_events import CallStatus
from ivr.telephony.client import Telephony
from tests.cli.patience import eventually
from tests.telephony.conftest import Pages
from tests.telephony.emulated import LINE, SID, Emulator

LORI, DANIELLE = "+12025550123", "+12025550171"
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _our_number(telephony: Telephony) -> None:
    telephony._api.incoming_phone_numbers.create(phone_number=LINE)  # noqa: SLF001 - buying is no business of ours


def ring(telephony: Telephony, to: str, url: str = "http://127.0.0.1:9/none", timeout: int = 20) -> str:
    return telephony.create_call(
        to=to, from_=LINE, url=url, fallback_url=url, status_callback=url, ring_seconds=timeout
    )


def test_a_call_rings_until_it_is_hung_up(telephony: Telephony, emulator: Emulator) -> None:
    emulator.phone(LORI, answers=False)
    sid = ring(telephony, LORI)
    eventually(lambda: telephony.fetch_call(sid).status is CallStatus.RINGING)
    assert telephony.fetch_call(sid).status.is_live
    telephony.hang_up(sid)
    eventually(lambda: not telephony.fetch_call(sid).status.is_live)


def test_all_four_status_events_arrive(telephony: Telephony, emulator: Emulator, pages: Pages) -> None:
    """`StatusCallbackEvent` is a list: one space-joined string is accepted and then silent (21626)."""
    emulator.phone(LORI, answers=True, after=0)
    url = f"{pages.url}/hello"
    telephony.create_call(
        to=LORI, from_=LINE, url=url, fallback_url=url, status_callback=f"{pages.url}/status", ring_seconds=20
    )
    eventually(lambda: pages.asked.count("/status") == 4)


def test_a_call_that_ended_is_gone_for_a_redirect(telephony: Telephony, emulator: Emulator) -> None:
    """21220."""
    emulator.phone(LORI, busy=True)
    sid = ring(telephony, LORI)
    eventually(lambda: not telephony.fetch_call(sid).status.is_live)
    with pytest.raises(CallGone):
        telephony.redirect(sid, "http://127.0.0.1:9/none")


def test_a_call_nobody_knows_is_gone(telephony: Telephony) -> None:
    """20404."""
    with pytest.raises(CallGone):
        telephony.fetch_call("CA" + "0" * 32)


def test_a_number_that_is_none_is_unusable(telephony: Telephony) -> None:
    """21211."""
    with pytest.raises(NumberUnusable) as refused:
        ring(telephony, "12")
    assert refused.value.code == 21211


def test_wrong_credentials_are_a_matter_for_the_operator(emulator: Emulator) -> None:
    """20003."""
    stranger = Telephony(account_sid=SID, auth_token="wrong", api_url=emulator.url)
    with pytest.raises(Misconfigured):
        stranger.fetch_account()


def test_too_many_requests_may_be_repeated(telephony: Telephony, emulator: Emulator) -> None:
    """20429 was not processed."""
    emulator.fault("rate_limit", "Calls.json")
    with pytest.raises(TryLater):
        ring(telephony, LORI)
    assert telephony.find_calls(to=LORI, created_after=LONG_AGO) == []


def test_a_lost_answer_is_unclear_and_the_call_is_found(telephony: Telephony, emulator: Emulator) -> None:
    emulator.fault("lose_response", "Calls.json")
    with pytest.raises(Unclear):
        ring(telephony, LORI)
    assert len(telephony.find_calls(to=LORI, created_after=LONG_AGO)) == 1


def test_nothing_is_repeated_after_an_error(telephony: Telephony, emulator: Emulator) -> None:
    emulator.fault("error", "Calls.json")
    with pytest.raises(Unclear):
        ring(telephony, LORI)
    assert telephony.find_calls(to=LORI, created_after=LONG_AGO) == []


def test_an_answer_that_takes_too_long_is_unclear(emulator: Emulator) -> None:
    emulator.fault("slow", "Calls.json", seconds=5)
    hasty = Telephony(account_sid=SID, auth_token="2" * 32, api_url=emulator.url, timeout_seconds=0.1)
    with pytest.raises(Unclear):
        hasty.find_calls(to=LORI, created_after=LONG_AGO)


def test_what_could_not_be_sent_may_be_repeated() -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    with pytest.raises(TryLater):
        Telephony(account_sid=SID, auth_token="x", api_url=f"http://127.0.0.1:{port}").fetch_account()


def test_calls_are_found_by_number_and_moment_also_while_they_wait_to_be_dialled(
    telephony: Telephony, emulator: Emulator
) -> None:
    """`date_created` counts; StartTime would miss a call that is still queued."""
    emulator.ask("PUT", "/emulator/settings", cps=0.01)
    before = datetime.fromtimestamp(emulator.ask("GET", "/emulator/clock")["epoch"], UTC)
    sids = {ring(telephony, LORI), ring(telephony, LORI)}
    ring(telephony, DANIELLE)
    found = telephony.find_calls(to=LORI, created_after=before, from_=LINE)
    emulator.ask("PUT", "/emulator/settings", cps=0)
    assert {call.sid for call in found} == sids
    assert all(call.status.is_live and call.from_ == LINE and call.created.tzinfo for call in found)
    assert telephony.find_calls(to=LORI, created_after=before + timedelta(minutes=1)) == []
    assert telephony.find_calls(to=LORI, created_after=before, from_=DANIELLE) == []


def test_a_text_is_sent_and_found(telephony: Telephony) -> None:
    sid = telephony.send_text(
        to=LORI, from_=LINE, body="We will call you.", status_callback="http://127.0.0.1:9/"
    )
    (text,) = telephony.find_texts(to=LORI, created_after=LONG_AGO)
    assert (text.sid, text.body, text.to) == (sid, "We will call you.", LORI)


def in_room(pages: Pages) -> str:
    pages.twiml["/room"] = "<Response><Dial><Conference>c1</Conference></Dial></Response>"
    return f"{pages.url}/room"


def going_on(emulator: Emulator) -> list[str]:
    """The conferences that people are in."""
    found = emulator.ask("GET", "/emulator/conferences")["conferences"]
    return [one["sid"] for one in found if one["status"] == "in-progress"]


def test_participants_are_held_released_and_taken_out(
    telephony: Telephony, emulator: Emulator, pages: Pages
) -> None:
    for number in (LORI, DANIELLE):
        emulator.phone(number, answers=True, after=0)
    caller, agent = (ring(telephony, number, in_room(pages)) for number in (LORI, DANIELLE))
    eventually(lambda: len(going_on(emulator)) == 1)
    (room,) = going_on(emulator)
    eventually(lambda: len(telephony.list_participants(room)) == 2)
    telephony.set_participant(room, caller, end_on_exit=True)
    telephony.set_participant(room, caller, hold=True, hold_url=f"{pages.url}/hold")
    telephony.set_monitoring(room, agent, muted=True)
    state = {p.call_sid: p for p in telephony.list_participants(room)}
    assert state[caller].hold
    assert state[caller].end_on_exit
    assert state[agent].muted
    assert not state[agent].hold
    telephony.end_conference(room)
    eventually(lambda: going_on(emulator) == [])
    with pytest.raises(CallGone):
        telephony.set_participant(room, caller, hold=False)


def test_one_client_serves_many_threads(telephony: Telephony) -> None:
    """The SDK's own HTTP client keeps the last response on itself, and can hand it to another thread."""
    with ThreadPoolExecutor(8) as threads:
        numbers = [f"+1202555{n:04}" for n in range(100, 140)]
        sids = list(threads.map(lambda number: ring(telephony, number), numbers))
        told = list(threads.map(telephony.fetch_call, sids))
    assert [call.to for call in told] == numbers


def test_the_environment_does_not_choose_the_account(
    monkeypatch: pytest.MonkeyPatch, emulator: Emulator
) -> None:
    """The SDK falls back to TWILIO_* and TWILIO_EDGE when it is given less."""
    monkeypatch.setenv("TWILIO_ACCOUNT_SID", "AC" + "9" * 32)
    monkeypatch.setenv("TWILIO_EDGE", "sydney")
    telephony = Telephony(account_sid=SID, auth_token="2" * 32, api_url=emulator.url)
    assert telephony.fetch_account().sid == SID
