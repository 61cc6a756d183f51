"""A live transcription of a call: https://www.twilio.com/docs/voice/twiml/transcription

Nothing is misheard (see `recognition`). Numbers of events grow through both tracks.
"""

import asyncio
import json
from dataclasses import dataclass, field

from ivr.emulator.calls.leg import CallLeg
from ivr.emulator.calls.signals import TrackSpeech
from ivr.emulator.calls.twiml_document import Element
from ivr.emulator.runtime.formats import format_iso, parse_flag
from ivr.emulator.speech.partial_results import report_word_by_word
from ivr.emulator.speech.recognition import estimate_confidence, filter_profanity
from ivr.emulator.speech.speaking_time import time_words

ENGINES = frozenset({"google", "deepgram"})
PROVIDER_UNAVAILABLE = ("32655", "Provider Unavailable")
STABILITY_BY_FINAL = {False: "0.9", True: "1.0"}  # by whether it is final


@dataclass(kw_only=True, eq=False)
class CallTranscription:
    leg: CallLeg
    sid: str
    element: Element  # its settings
    name: str
    _sequence: int = 0
    _in_progress: dict[TrackSpeech, tuple[float, asyncio.Task[None] | None]] = field(
        default_factory=dict
    )  # being said, since when

    def start(self) -> None:
        get = self.element.get
        if get("transcriptionEngine", "google") not in ENGINES:
            code, why = PROVIDER_UNAVAILABLE
            self.leg.exchange.event_log.write_error(int(code), f"Transcription: {why}", call=self.leg.sid)
            self._send_event("error", {"TranscriptionErrorCode": code, "TranscriptionError": why})
            return
        self.leg.started_nouns["Transcription", self.name] = self
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
        self._send_event("started", {name: text for name, text in facts.items() if text})

    def stop(self) -> None:
        """What is being said at this instant is heard up to here."""
        if self.leg.started_nouns.pop(("Transcription", self.name), None) is None:
            return
        self.leg.listeners.remove(self)
        for said, (since, _) in list(self._in_progress.items()):
            words = time_words(said.words)
            self._finish_speech(
                said, " ".join(words.words[: words.count_spoken(self.leg.exchange.now - since)])
            )
        self._send_event("stopped", {})

    def on_speech_began(self, speech: TrackSpeech) -> None:
        if self._track not in {f"{speech.track}_track", "both_tracks"}:
            return
        task = None
        if self._wants_partials:
            exchange = self.leg.exchange
            task = exchange.spawn(
                report_word_by_word(
                    exchange, speech.words, lambda words: self._send_content(speech, words, final=False)
                )
            )
        self._in_progress[speech] = (self.leg.exchange.now, task)

    def on_speech_ended(self, speech: TrackSpeech) -> None:
        if speech in self._in_progress:
            self._finish_speech(speech, speech.words)

    def _finish_speech(self, speech: TrackSpeech, words: str) -> None:
        _, task = self._in_progress.pop(speech)
        if task:
            task.cancel()
        if words:
            self._send_content(speech, words, final=True)

    @property
    def _track(self) -> str:
        return self.element.get("track", "both_tracks")

    @property
    def _language(self) -> str:
        return self.element.get("languageCode", "en-US")

    @property
    def _wants_partials(self) -> bool:
        return parse_flag(self.element.get("partialResults"))

    def _send_content(self, speech: TrackSpeech, words: str, *, final: bool) -> None:
        get = self.element.get
        sure = estimate_confidence(words, speech.confidence, (speech.language, self._language), get("hints"))
        data: dict[str, str | float] = {
            "transcript": filter_profanity(words, enabled=parse_flag(get("profanityFilter", "true")))
        }
        params = {
            "LanguageCode": self._language,
            "Track": f"{speech.track}_track",
            "Final": str(final).lower(),
        }
        if self._wants_partials:
            params["Stability"] = STABILITY_BY_FINAL[final]
        else:
            data["confidence"] = sure
        self._send_event("content", {**params, "TranscriptionData": json.dumps(data)})

    def _send_event(self, event: str, extra_params: dict[str, str]) -> None:
        self._sequence += 1
        exchange, get = self.leg.exchange, self.element.get
        if event != "content":
            self.leg.log(f"transcription_{event}", sid=self.sid, name=self.name)
        if not get("statusCallbackUrl"):
            return
        params = {
            "AccountSid": exchange.account_sid,
            "CallSid": self.leg.sid,
            "TranscriptionSid": self.sid,
            "Timestamp": format_iso(exchange.now),
            "SequenceId": str(self._sequence),
            "TranscriptionEvent": f"transcription-{event}",
            **extra_params,
        }
        hook = self.leg.make_webhook(get("statusCallbackUrl"), get("statusCallbackMethod", "POST"), params)
        exchange.send_callback(self.sid, hook)
