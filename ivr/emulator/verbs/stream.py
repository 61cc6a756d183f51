"""<Start><Stream> and <Start><Siprec>: no sound is sent anywhere; what runs is told to the status callback."""

from dataclasses import dataclass

from ivr.emulator.calls.leg import Leg
from ivr.emulator.calls.twiml_document import Element
from ivr.emulator.calls.twiml_runner import Flow
from ivr.emulator.runtime.formats import iso
from ivr.emulator.verbs.registry import anything, method, one_of, starts

TRACKS = one_of("inbound_track", "outbound_track", "both_tracks")
ATTRIBUTES = {
    **anything("name connectorName url statusCallback audioFormat sampleRate"),
    "track": TRACKS,
    "statusCallbackMethod": method(),
}
PREFIXES = {"Stream": "MZ", "Siprec": "SR"}


@dataclass(kw_only=True, eq=False)
class Streaming:
    leg: Leg
    sid: str
    noun: str
    name: str
    url: str  # of its status callback, if any
    method: str = "POST"

    def start(self) -> None:
        self.leg.running[self.noun, self.name] = self
        self._event("started")

    def stop(self) -> None:
        if self.leg.running.pop((self.noun, self.name), None):
            self._event("stopped")

    def _event(self, what: str) -> None:
        exchange, noun = self.leg.exchange, self.noun
        self.leg.log(f"{noun.lower()}_{what}", sid=self.sid, name=self.name)
        if not self.url:
            return
        params = {
            "AccountSid": exchange.account_sid,
            "CallSid": self.leg.sid,
            f"{noun}Sid": self.sid,
            f"{noun}Name": self.name,
            f"{noun}Event": f"{noun.lower()}-{what}",
            "Timestamp": iso(exchange.now),
        }
        exchange.callback(self.sid, self.leg.hook(self.url, self.method, params))


@starts("Stream", ATTRIBUTES, ("Parameter",))
@starts("Siprec", ATTRIBUTES, ("Parameter",))
def stream(flow: Flow, element: Element) -> None:
    sid = flow.leg.exchange.sids.new(PREFIXES[element.name])
    url = element.get("statusCallback")
    Streaming(
        leg=flow.leg,
        sid=sid,
        noun=element.name,
        name=element.get("name") or sid,
        url=flow.absolute(url) if url else "",
        method=element.get("statusCallbackMethod", "POST"),
    ).start()
