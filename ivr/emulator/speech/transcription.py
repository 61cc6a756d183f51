"""A live transcription of a call: https://www.twilio.com/docs/voice/twiml/transcription

Nothing is misheard (see `recognition`). Numbers of events grow through both tracks.
"""

import asyncio
import json
from dataclasses import dataclass, field

from ivr.emulator.calls.leg import Leg
from ivr.emulator.calls.signals import Said
from ivr.emulator.calls.twiml_document import Element
from ivr.emulator.runtime.formats import flag, iso
from ivr.emulator.speech.partial_results import word_by_word
from ivr.emulator.speech.recognition import confidence, decent
from ivr.emulator.speech.speaking_time import plain

ENGINES = frozenset({"google", "deepgram"})
UNAVAILABLE = ("32655", "Provider Unavailable")
STABILITY = {False: "0.9", True: "1.0"}  # by whether it is final


@dataclass(kw_only=True, eq=False)
class Transcription:
    leg: Leg
    sid: str
    element: Element  # its settings
    name: str
    _number: int = 0
    _open: dict[Said, tuple[float, asyncio.Task[None] | None]] = field(
        default_factory=dict
    )  # being said, since when

    def start(self) -> None:
        get = self.element.get
        if get("transcriptionEngine", "google") not in ENGINES:
            code, why = UNAVAILABLE
            self.leg.exchange.journal.error(int(code), f"Transcription: {why}", call=self.leg.sid)
            self._event("error", {"TranscriptionErrorCode": code, "TranscriptionError": why})
            return
        self.leg.running["Transcription", self.name] = self
        self.leg.listeners.append(self)
        provider = {
            "profanityFilter": get("profanityFilter", "true"),
            "speechModel": get("speechModel", "telephony"),
            "enableAutomaticPunctuation": get("enableAutomaticPunctuation", "true"),
            "hints": get("hints"),
        }
        facts = {
            "ProviderConfiguration": json.dumps({name: text for name, text in provider.items() if text}),
            "TranscriptionEngine": get("transcriptionEngine", "google"),
            "Name": self.name,
            "Track": self._track,
            "InboundTrackLabel": get("inboundTrackLabel"),
            "OutboundTrackLabel": get("outboundTrackLabel"),
            "PartialResults": get("partialResults", "false"),
            "LanguageCode": self._language,
        }
        self._event("started", {name: text for name, text in facts.items() if text})

    def stop(self) -> None:
        """What is being said at this instant is heard up to here."""
        if self.leg.running.pop(("Transcription", self.name), None) is None:
            return
        self.leg.listeners.remove(self)
        for said, (since, _) in list(self._open.items()):
            words = plain(said.words)
            self._end(said, " ".join(words.words[: words.spoken(self.leg.exchange.now - since)]))
        self._event("stopped", {})

    def began(self, said: Said) -> None:
        if self._track not in {f"{said.track}_track", "both_tracks"}:
            return
        task = None
        if self._partial:
            exchange = self.leg.exchange
            task = exchange.spawn(
                word_by_word(exchange, said.words, lambda words: self._content(said, words, final=False))
            )
        self._open[said] = (self.leg.exchange.now, task)

    def ended(self, said: Said) -> None:
        if said in self._open:
            self._end(said, said.words)

    def _end(self, said: Said, words: str) -> None:
        _, task = self._open.pop(said)
        if task:
            task.cancel()
        if words:
            self._content(said, words, final=True)

    @property
    def _track(self) -> str:
        return self.element.get("track", "both_tracks")

    @property
    def _language(self) -> str:
        return self.element.get("languageCode", "en-US")

    @property
    def _partial(self) -> bool:
        return flag(self.element.get("partialResults"))

    def _content(self, said: Said, words: str, *, final: bool) -> None:
        get = self.element.get
        sure = confidence(words, said.confidence, (said.language, self._language), get("hints"))
        data: dict[str, str | float] = {
            "transcript": decent(words, filtered=flag(get("profanityFilter", "true")))
        }
        params = {
            "LanguageCode": self._language,
            "Track": f"{said.track}_track",
            "Final": str(final).lower(),
        }
        if self._partial:
            params["Stability"] = STABILITY[final]
        else:
            data["confidence"] = sure
        self._event("content", {**params, "TranscriptionData": json.dumps(data)})

    def _event(self, what: str, more: dict[str, str]) -> None:
        self._number += 1
        exchange, get = self.leg.exchange, self.element.get
        if what != "content":
            self.leg.log(f"transcription_{what}", sid=self.sid, name=self.name)
        if not get("statusCallbackUrl"):
            return
        params = {
            "AccountSid": exchange.account_sid,
            "CallSid": self.leg.sid,
            "TranscriptionSid": self.sid,
            "Timestamp": iso(exchange.now),
            "SequenceId": str(self._number),
            "TranscriptionEvent": f"transcription-{what}",
            **more,
        }
        hook = self.leg.hook(get("statusCallbackUrl"), get("statusCallbackMethod", "POST"), params)
        exchange.callback(self.sid, hook)
