"""The partial results of a <Gather>: what its partialResultCallback is told while somebody speaks.

Twilio documents UnstableSpeechResult only. Apps that print whole requests show SequenceNumber, StableSpeechResult,
Stability and Language too. What was said before a pause is stable here, what is being said is not.
"""

import asyncio
from dataclasses import dataclass, field

from ivr.emulator.calls.twiml_document import Element
from ivr.emulator.calls.twiml_runner import Flow
from ivr.emulator.runtime.formats import flag
from ivr.emulator.speech.partial_results import word_by_word
from ivr.emulator.speech.recognition import decent

UNSTABLE, STABLE = "0.5", "0.9"


@dataclass(kw_only=True)
class Partials:
    flow: Flow
    element: Element
    stable: list[str] = field(default_factory=list)
    _sequence: int = 0
    _speaking: asyncio.Task[None] | None = None

    def begin(self, words: str) -> None:
        if self.element.get("partialResultCallback"):
            exchange = self.flow.leg.exchange
            self._speaking = exchange.spawn(word_by_word(exchange, words, self._tell))

    def end(self, words: str) -> None:
        self.cancel()
        self.stable.append(words)
        if self.element.get("partialResultCallback"):
            self._tell("")

    def cancel(self) -> None:
        if self._speaking:
            self._speaking.cancel()
            self._speaking = None

    def _tell(self, unstable: str) -> None:
        get, leg = self.element.get, self.flow.leg
        filtered = flag(get("profanityFilter", "true"))
        params = {
            **leg.params(),
            **self.flow.more(),
            "SequenceNumber": str(self._sequence),
            "UnstableSpeechResult": decent(unstable, filtered=filtered),
            "StableSpeechResult": decent(" ".join(self.stable), filtered=filtered),
            "Stability": UNSTABLE if unstable else STABLE,
            "Language": get("language", "en-US"),
        }
        self._sequence += 1
        url = self.flow.absolute(get("partialResultCallback"))
        leg.callback(url, get("partialResultCallbackMethod", "POST"), params)
