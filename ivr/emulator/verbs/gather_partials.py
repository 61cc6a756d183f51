"""The partial results of a <Gather>: what its partialResultCallback is told while somebody speaks.

Twilio documents UnstableSpeechResult only. Apps that print whole requests show SequenceNumber, StableSpeechResult,
Stability and Language too. What was said before a pause is stable here, what is being said is not.
"""

import asyncio
from dataclasses import dataclass, field

from ivr.emulator.calls.twiml_document import Element
from ivr.emulator.calls.twiml_runner import TwimlRunner
from ivr.emulator.runtime.formats import parse_flag
from ivr.emulator.speech.partial_results import report_word_by_word
from ivr.emulator.speech.recognition import filter_profanity

UNSTABLE_SCORE, STABLE_SCORE = "0.5", "0.9"


@dataclass(kw_only=True)
class PartialResults:
    runner: TwimlRunner
    element: Element
    stable_texts: list[str] = field(default_factory=list)
    _sequence: int = 0
    _speaking_task: asyncio.Task[None] | None = None

    def begin(self, words: str) -> None:
        if self.element.get("partialResultCallback"):
            exchange = self.runner.leg.exchange
            self._speaking_task = exchange.spawn(report_word_by_word(exchange, words, self._send_partial))

    def end(self, words: str) -> None:
        self.cancel()
        self.stable_texts.append(words)
        if self.element.get("partialResultCallback"):
            self._send_partial("")

    def cancel(self) -> None:
        if self._speaking_task:
            self._speaking_task.cancel()
            self._speaking_task = None

    def _send_partial(self, unstable: str) -> None:
        get, leg = self.element.get, self.runner.leg
        filtered = parse_flag(get("profanityFilter", "true"))
        params = {
            **leg.request_params(),
            **self.runner.extra_params(),
            "SequenceNumber": str(self._sequence),
            "UnstableSpeechResult": filter_profanity(unstable, enabled=filtered),
            "StableSpeechResult": filter_profanity(" ".join(self.stable_texts), enabled=filtered),
            "Stability": UNSTABLE_SCORE if unstable else STABLE_SCORE,
            "Language": get("language", "en-US"),
        }
        self._sequence += 1
        url = self.runner.resolve_url(get("partialResultCallback"))
        leg.send_callback(url, get("partialResultCallbackMethod", "POST"), params)
