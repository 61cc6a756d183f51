"""<Start><Stream> and <Start><Siprec>: no sound is sent anywhere; what runs is told to the status callback."""

from dataclasses import dataclass

from ivr.emulator.calls.leg import CallLeg
from ivr.emulator.calls.twiml_document import Element
from ivr.emulator.calls.twiml_runner import TwimlRunner
from ivr.emulator.runtime.formats import format_iso
from ivr.emulator.verbs.registry import any_values, method, one_of, start_noun

TRACK_RULE = one_of("inbound_track", "outbound_track", "both_tracks")
ATTRIBUTES = {
    **any_values("name connectorName url statusCallback audioFormat sampleRate"),
    "track": TRACK_RULE,
    "statusCallbackMethod": method(),
}
SID_PREFIXES = {"Stream": "MZ", "Siprec": "SR"}


@dataclass(kw_only=True, eq=False)
class StartedStream:
    leg: CallLeg
    sid: str
    noun: str
    name: str
    url: str  # of its status callback, if any
    method: str = "POST"

    def start(self) -> None:
        self.leg.started_nouns[self.noun, self.name] = self
        self._send_event("started")

    def stop(self) -> None:
        if self.leg.started_nouns.pop((self.noun, self.name), None):
            self._send_event("stopped")

    def _send_event(self, event: str) -> None:
        exchange, noun = self.leg.exchange, self.noun
        self.leg.log(f"{noun.lower()}_{event}", sid=self.sid, name=self.name)
        if not self.url:
            return
        params = {
            "AccountSid": exchange.account_sid,
            "CallSid": self.leg.sid,
            f"{noun}Sid": self.sid,
            f"{noun}Name": self.name,
            f"{noun}Event": f"{noun.lower()}-{event}",
            "Timestamp": format_iso(exchange.now),
        }
        exchange.send_callback(self.sid, self.leg.make_webhook(self.url, self.method, params))


@start_noun("Stream", ATTRIBUTES, ("Parameter",))
@start_noun("Siprec", ATTRIBUTES, ("Parameter",))
def stream(runner: TwimlRunner, element: Element) -> None:
    sid = runner.leg.exchange.sids.new(SID_PREFIXES[element.name])
    url = element.get("statusCallback")
    StartedStream(
        leg=runner.leg,
        sid=sid,
        noun=element.name,
        name=element.get("name") or sid,
        url=runner.resolve_url(url) if url else "",
        method=element.get("statusCallbackMethod", "POST"),
    ).start()
