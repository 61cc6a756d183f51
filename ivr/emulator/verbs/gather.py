"""<Gather>: keys, speech or both, whichever is first; what it says meanwhile stops when somebody begins."""

import asyncio
from dataclasses import dataclass, field
from functools import partial

from ivr.emulator.calls.signals import CallInput, InputQueue, Key, SpeechBegan, SpeechEnded, TwimlSource
from ivr.emulator.calls.twiml_document import Element
from ivr.emulator.calls.twiml_runner import TwimlRunner
from ivr.emulator.runtime.formats import parse_flag
from ivr.emulator.speech.recognition import estimate_confidence, filter_profanity
from ivr.emulator.speech.speaking_time import time_words
from ivr.emulator.verbs import play, say
from ivr.emulator.verbs.gather_partials import PartialResults
from ivr.emulator.verbs.registry import (
    VERBS,
    AttributeRule,
    any_values,
    boolean,
    each_of,
    integer,
    is_number,
    method,
    verb,
)  # fmt: skip

AUTO_SPEECH_TIMEOUT_SECONDS = 1.0  # seconds of silence that end a sentence when speechTimeout is auto
MAX_SPEECH_SECONDS = 60.0
FINISH_KEYS = frozenset("0123456789*#")
SCHEMAS_IN_GATHER = {
    "Say": say.SCHEMA_IN_GATHER,
    "Play": play.SCHEMA_IN_GATHER,
}  # what differs inside a Gather
RUNNERS_IN_GATHER = {"Play": partial(play.play, wrong_type=play.WRONG_TYPE_IN_GATHER)}
GENERIC_MODELS = {
    "default", "numbers_and_commands", "phone_call", "experimental_conversations", "experimental_utterances",
}  # fmt: skip


def _are_valid_hints(text: str) -> bool:
    entries = text.split(",")
    return len(entries) <= 500 and all(len(entry.strip()) <= 100 for entry in entries)


def _is_speech_model(text: str) -> bool:
    return text in GENERIC_MODELS or text.startswith(("googlev2_", "deepgram_", "deepgram-"))


def _seconds_or_auto(code: int) -> AttributeRule:
    return AttributeRule(is_allowed=lambda text: text == "auto" or is_number(text), code=code)


ATTRIBUTES = {
    **any_values("action partialResultCallback"),
    "language": AttributeRule(
        is_allowed=lambda text: text == "multi" or say.LANGUAGE.fullmatch(text) is not None, code=13331
    ),
    "speechModel": AttributeRule(is_allowed=_is_speech_model, code=13334),
    "input": each_of("dtmf", "speech", code=13326),
    "method": method(13312),
    "timeout": _seconds_or_auto(13313),
    "speechTimeout": _seconds_or_auto(13327),
    "maxSpeechTime": integer(1, 13328),
    "numDigits": integer(1, 13314),
    "finishOnKey": AttributeRule(
        is_allowed=lambda text: text == "" or (len(text) == 1 and text in FINISH_KEYS), code=13310
    ),
    "partialResultCallbackMethod": method(13329),
    "hints": AttributeRule(is_allowed=_are_valid_hints, code=13330),
    "bargeIn": boolean(13332),
    "profanityFilter": boolean(13333),
    "actionOnEmptyResult": boolean(13338),
    "enhanced": boolean(),
    "debug": boolean(),
}


@dataclass(kw_only=True)
class Gathering:
    runner: TwimlRunner
    element: Element
    inbox: InputQueue
    digits: str = ""
    speech: list[str] = field(default_factory=list)
    first_speech: SpeechBegan | None = None  # the first words: how clearly, and in which language
    finished_on: str = ""

    def __post_init__(self) -> None:
        get = self.element.get
        self.inputs = get("input", "dtmf").split()
        self.timeout = float(get("timeout", "5").replace("auto", "5"))
        self.max_digits = int(get("numDigits", "0"))
        self.finish_key = get("finishOnKey", "#")
        spoken = get("speechTimeout")
        self.speech_timeout = (
            AUTO_SPEECH_TIMEOUT_SECONDS if spoken == "auto" else float(spoken or self.timeout)
        )
        self.max_speech_seconds = min(
            float(get("maxSpeechTime", str(MAX_SPEECH_SECONDS))), MAX_SPEECH_SECONDS
        )
        self.barge_in = parse_flag(get("bargeIn", "true"))
        self.partials = PartialResults(runner=self.runner, element=self.element)

    async def run(self) -> None:
        first = await self.play_prompt()
        if first is None:
            first = await self.next_input(self.timeout)
        while isinstance(first, SpeechBegan | Key):
            if isinstance(first, SpeechBegan):
                await self.collect_speech(first)
                return
            if self.add_key(first):
                return
            first = await self.next_input(self.timeout)

    async def play_prompt(self) -> CallInput | None:
        """Say what is inside; the input that interrupted it, or came first while it could not be interrupted."""
        saying = asyncio.ensure_future(self._play_children())
        arrival = asyncio.ensure_future(self._wait_for_input())
        try:
            await self.runner.run_interruptibly(
                asyncio.wait({saying, arrival}, return_when=asyncio.FIRST_COMPLETED)
            )
            if not saying.done() and not self.barge_in:
                await self.runner.run_interruptibly(asyncio.shield(saying))
        finally:
            saying.cancel()
            interrupted = arrival.done()
            arrival.cancel()
            await asyncio.wait({saying})
            failure = None if saying.cancelled() else saying.exception()
        if failure:
            raise failure
        return arrival.result() if interrupted else None

    async def next_input(self, max_seconds: float) -> CallInput | None:
        clock = self.runner.leg.exchange.clock
        arrival = asyncio.ensure_future(self._wait_for_input())
        late = asyncio.ensure_future(clock.sleep(max_seconds))
        try:
            await self.runner.run_interruptibly(
                asyncio.wait({arrival, late}, return_when=asyncio.FIRST_COMPLETED)
            )
            return arrival.result() if arrival.done() else None
        finally:
            arrival.cancel()
            late.cancel()

    def add_key(self, key: Key) -> bool:
        """Whether that was the last key."""
        if self.finish_key and key.key == self.finish_key:
            self.finished_on = key.key
            return True
        self.digits += key.key
        return len(self.digits) == self.max_digits

    async def collect_speech(self, first: SpeechBegan) -> None:
        """Until a pause, or until it has been long enough: then what was said so far is the result."""
        exchange = self.runner.leg.exchange
        began, self.first_speech = exchange.now, first
        following: CallInput | None = first
        try:
            while following is not None:
                if isinstance(following, SpeechBegan):
                    speaking, since = following, exchange.now
                    self.partials.begin(speaking.words)
                elif isinstance(following, SpeechEnded):
                    self.speech.append(following.words)
                    self.partials.end(following.words)
                left = began + self.max_speech_seconds - exchange.now
                talking = isinstance(following, SpeechBegan)
                following = await self.next_input(
                    max(0.0, left if talking else min(left, self.speech_timeout))
                )
                if following is None and talking:
                    said = time_words(speaking.words)
                    self.speech.append(" ".join(said.words[: said.count_spoken(exchange.now - since)]))
        finally:
            self.partials.cancel()

    def get_speech_params(self) -> dict[str, str]:
        """What the action is told of the words."""
        get, words = self.element.get, " ".join(self.speech).strip()
        language, begun = get("language", "en-US"), self.first_speech or SpeechBegan(words=words)
        sure = estimate_confidence(words, begun.confidence, (begun.language, language), get("hints"))
        filtered = parse_flag(get("profanityFilter", "true"))
        return {
            "SpeechResult": filter_profanity(words, enabled=filtered),
            "Confidence": str(sure),
            "Language": language,
        }

    async def _play_children(self) -> None:
        for inside in self.element.children:
            run = RUNNERS_IN_GATHER.get(inside.name, VERBS[inside.name].run)
            await run(self.runner, self.runner.strip_invalid(inside, SCHEMAS_IN_GATHER.get(inside.name)))

    async def _wait_for_input(self) -> CallInput:
        while True:
            arrival = await self.inbox.get()
            if isinstance(arrival, Key):
                if "dtmf" in self.inputs and not self.first_speech:
                    return arrival
            elif "speech" in self.inputs and not self.digits:
                return arrival


@verb("Gather", ATTRIBUTES, ("Say", "Play", "Pause"), 13320)
async def gather(runner: TwimlRunner, element: Element) -> TwimlSource | None:
    if element.get("speechTimeout") == "auto" and "speechModel" in element.attributes:
        runner.warn(13335, "Gather: speechTimeout auto cannot be used with a speechModel of your choice")
    with runner.leg.open_inbox() as inbox:
        gathering = Gathering(runner=runner, element=element, inbox=inbox)
        await gathering.run()
    if any(gathering.speech):
        return runner.get_action_source(element, gathering.get_speech_params())
    if gathering.digits:
        return runner.get_action_source(
            element, {"Digits": gathering.digits, "FinishedOnKey": gathering.finished_on}
        )
    if parse_flag(element.get("actionOnEmptyResult")):
        empty = {"SpeechResult": ""} if "speech" in gathering.inputs else {"Digits": ""}
        return runner.get_action_source(element, empty)
    return None
