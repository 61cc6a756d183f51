"""Twilio's own SDK on our page, as far as it goes without an account: its signalling is played by the test.

The app is one with a real account's settings, on https; what the SDK says on its wire was read from its source
(2.18.5, pstream.js). Sound is not tried here.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import pytest
from flask import Flask
from playwright.sync_api import Browser as Chromium
from playwright.sync_api import Page, Route, WebSocketRoute, expect

from ivr.services import Services
from tests.browser.access import faults
from tests.browser.waiting import wait_until
from tests.web.browser import Browser, hire
from tests.web.conftest import apps, at_rest, staff_app, still
from tests.web.staff.pages.test_browser_phone import KEY, REAL, chosen, signed

__all__ = ["apps", "at_rest", "staff_app", "still"]

SIGNALLING = "wss://voice-js.roaming.twilio.com/signal"
ELSEWHERE = {"Access-Control-Allow-Origin": "*"}
SOUND = "ivr/web/static/hold.wav"  # stands for Twilio's own
OFFER = "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\n"
# The other end of the sound, in the same page: Chromium tells its addresses to a page that may use the microphone.
FAR_END = """async () => {
  const far = (window.far = new RTCPeerConnection());
  const tone = new AudioContext();
  for (const track of tone.createMediaStreamDestination().stream.getTracks()) far.addTrack(track);
  await far.setLocalDescription(await far.createOffer());
  while (far.iceGatheringState !== "complete") await new Promise((done) => far.addEventListener("icegatheringstatechange", done, { once: true }));
  return far.localDescription.sdp;
}"""
ANSWERED = "async (sdp) => window.far.setRemoteDescription({ type: 'answer', sdp })"
TONES = """() => {
  const insert = RTCDTMFSender.prototype.insertDTMF;
  RTCDTMFSender.prototype.insertDTMF = function (tones, ...more) {
    window.tones = (window.tones ?? "") + tones;
    return insert.call(this, tones, ...more);
  };
}"""
CALL = "CA" + "1" * 32


@pytest.fixture
def browser(whole_browser: Chromium) -> Chromium:
    return whole_browser


@dataclass
class Signalling:
    """Twilio's end of the SDK's websocket. `ttl`: seconds that it says a token is good for."""

    ttl: int = 3600
    deaf: bool = False
    heard: list[dict[str, Any]] = field(default_factory=list)
    wires: list[WebSocketRoute] = field(default_factory=list)

    def open(self, wire: WebSocketRoute) -> None:
        self.wires.append(wire)
        if self.deaf:
            wire.close()
            return
        wire.on_message(lambda text: self.answer(wire, str(text)))

    def answer(self, wire: WebSocketRoute, text: str) -> None:
        if not text.strip():
            return
        told = json.loads(text)
        self.heard.append(told)
        if told["type"] == "listen":
            token = {"identity": "diane", "ttl": self.ttl}
            self.say(wire, "connected", region="us1", edge="ashburn", gateway="gateway", token=token)
        elif told["type"] == "register":
            self.say(wire, "ready")

    def say(self, wire: WebSocketRoute, kind: str, **payload: object) -> None:
        wire.send(json.dumps({"type": kind, "payload": payload}))

    def last(self, kind: str) -> dict[str, Any]:
        """What was said of that kind last."""
        found: dict[str, Any] = next(one["payload"] for one in reversed(self.heard) if one["type"] == kind)
        return found

    def types(self) -> list[str]:
        return [one["type"] for one in self.heard]


@pytest.fixture
def twilio() -> Signalling:
    return Signalling()


@pytest.fixture
def desk(
    still: Services, staff_app: Callable[..., Flask], visit: Callable[..., Page], twilio: Signalling
) -> Callable[..., Page]:
    """Diane's desk, answering in the browser with Twilio; options are those of Playwright's contexts."""
    hire(still, "Diane")
    diane = signed("Diane", staff_app(**KEY, **REAL), base=REAL["PUBLIC_URL"])
    chosen(diane, "browser")

    def opened(**options: object) -> Page:
        page = visit("about:blank", **options)
        page.clock.install()
        page.route(f"{REAL['PUBLIC_URL']}/**", lambda route: serve(diane, route))
        page.route("https://*.twilio.com/**", lambda route: route.fulfill(headers=ELSEWHERE, path=SOUND))
        page.route_web_socket(SIGNALLING, twilio.open)
        page.goto(f"{REAL['PUBLIC_URL']}/desk/")
        return page

    return opened


def serve(browser: Browser, route: Route) -> None:
    """By the app in this process, in Diane's name."""
    asked = route.request
    address = urlsplit(asked.url)
    if address.path == "/live":  # it would never end
        route.fulfill(content_type="text/event-stream", body="retry: 600000\nevent: beat\ndata: 1\n\n")
        return
    answer = browser.client.open(
        f"{address.path}?{address.query}",
        method=asked.method,
        data=asked.post_data_buffer,
        base_url=browser.base,
        headers={name: value for name, value in asked.headers.items() if name != "cookie"},
    )
    route.fulfill(status=answer.status_code, headers=dict(answer.headers), body=answer.data)
    answer.close()


def test_it_registers_with_our_token_rings_and_is_passed_on(
    desk: Callable[..., Page], twilio: Signalling
) -> None:
    page = desk(permissions=["microphone"])
    expect(page.get_by_text("Your phone is ready.")).to_be_visible()
    assert twilio.types()[:2] == ["listen", "register"]
    assert twilio.heard[0]["payload"]["token"].count(".") == 2
    assert faults(page) == []
    parameters = {"CallSid": CALL, "From": "+12025550100", "To": "client:diane"}
    twilio.say(twilio.wires[0], "invite", callsid=CALL, sdp=OFFER, parameters=parameters)
    expect(page.get_by_text("Your phone rings.")).to_be_visible()
    twilio.say(twilio.wires[0], "cancel", callsid=CALL)
    expect(page.get_by_text("Your phone is ready.")).to_be_visible()


def test_a_call_is_answered_and_its_keys_and_its_end_reach_twilio(
    desk: Callable[..., Page], twilio: Signalling
) -> None:
    page = desk(permissions=["microphone"])
    expect(page.get_by_text("Your phone is ready.")).to_be_visible()
    parameters = {"CallSid": CALL, "From": "+12025550100", "To": "client:diane"}
    twilio.say(twilio.wires[0], "invite", callsid=CALL, sdp=page.evaluate(FAR_END), parameters=parameters)
    expect(page.get_by_text("Your phone rings.")).to_be_visible()
    page.evaluate("document.querySelector('#desk').insertAdjacentHTML('beforeend', '<p data-accepted>')")
    page.evaluate(
        "document.querySelector('#desk').dispatchEvent(new CustomEvent('calor:put', {bubbles: true}))"
    )
    wait_until(page, lambda: "answer" in twilio.types())
    page.evaluate(ANSWERED, twilio.last("answer")["sdp"])
    expect(page.get_by_text("Your phone is in the call.")).to_be_visible()
    page.get_by_role("button", name="Mute").click()
    expect(page.get_by_text("muted: nobody hears you")).to_be_visible()
    page.evaluate(TONES)
    page.get_by_role("button", name="Keypad").click()
    page.get_by_role("button", name="Star").click()
    wait_until(page, lambda: page.evaluate("window.tones") == "*")  # it goes with the sound
    page.get_by_role("button", name="Hang up").click()
    wait_until(page, lambda: "hangup" in twilio.types())
    expect(page.get_by_text("Your phone is ready.")).to_be_visible()


def test_a_token_is_renewed_before_it_ends(desk: Callable[..., Page], twilio: Signalling) -> None:
    twilio.ttl = 31  # thirty seconds before its end the page asks for another
    page = desk(permissions=["microphone"])
    expect(page.get_by_text("Your phone is ready.")).to_be_visible()
    twilio.ttl = 3600
    wait_until(page, lambda: twilio.types().count("listen") > 1)  # the SDK hands the newer one on
    expect(page.get_by_text("Your phone is ready.")).to_be_visible()


def test_without_twilio_it_says_so_and_comes_back_by_itself(
    desk: Callable[..., Page], twilio: Signalling
) -> None:
    twilio.deaf = True
    page = desk(permissions=["microphone"])
    expect(page.get_by_text("Connecting your phone")).to_be_visible()
    page.clock.fast_forward(10_000)
    expect(page.get_by_text("Your phone is not connected")).to_be_visible()
    twilio.deaf = False
    page.clock.fast_forward(5_000)
    expect(page.get_by_text("Your phone is ready.")).to_be_visible()
    twilio.wires[-1].close()
    wait_until(page, lambda: page.locator("#phone").get_attribute("data-state") == "off")
    page.clock.fast_forward(5_000)
    expect(page.get_by_text("Your phone is ready.")).to_be_visible()


def test_the_microphone_is_asked_for_once_with_words_and_what_is_missing_is_said(
    desk: Callable[..., Page],
) -> None:
    page = desk()
    expect(page.get_by_text("Your browser asks once")).to_be_visible()
    assert faults(page) == []
    page.get_by_role("button", name="Allow the microphone").click()
    expect(page.get_by_text("Your phone is not connected")).to_be_visible()
    expect(page.get_by_text("This browser may not use the microphone")).to_be_visible()
    page.context.grant_permissions(["microphone"])
    page.get_by_role("button", name="Try again").click()
    expect(page.get_by_text("Your phone is ready.")).to_be_visible()
