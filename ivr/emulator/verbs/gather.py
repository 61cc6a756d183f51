"""<Gather>: keys, speech or both, whichever is first; what it says meanwhile stops when somebody begins."""

import asyncio
from dataclasses import dataclass, field
from functools import partial

from ivr.emulator.calls.signals import Ask, Inbox, Input, Key, SpeechBegan, SpeechEnded
from ivr.emulator.calls.twiml_document import Element
from ivr.emulator.calls.twiml_runner import Flow
from ivr.emulator.runtime.formats import flag
from ivr.emulator.speech.recognition import confidence, decent
from ivr.emulator.speech.speaking_time import plain
from ivr.emulator.verbs import play, say
from ivr.emulator.verbs.gather_partials import Partials
from ivr.emulator.verbs.registry import (
    VERBS,
    Value,
    anything,
    boolean,
    each_of,
    method,
    number,
    verb,
    whole,
)  # fmt: skip

AUTO = 1.0  # seconds of silence that end a sentence when speechTimeout is auto
LONGEST_SPEECH = 60.0
KEYS = frozenset("0123456789*#")
SHAPES = {"Say": say.GATHERED, "Play": play.GATHERED}  # what differs inside a Gather
RUNS = {"Play": partial(play.play, wrong_type=play.WRONG_TYPE_IN_GATHER)}
GENERIC = {
    "default", "numbers_and_commands", "phone_call", "experimental_conversations", "experimental_utterances",
}  # fmt: skip


def _hints(text: str) -> bool:
    entries = text.split(",")
    return len(entries) <= 500 and all(len(entry.strip()) <= 100 for entry in entries)


def _model(text: str) -> bool:
    return text in GENERIC or text.startswith(("googlev2_", "deepgram_", "deepgram-"))


def _seconds(code: int) -> Value:
    return Value(allowed=lambda text: text == "auto" or number(text), code=code)


ATTRIBUTES = {
    **anything("action partialResultCallback"),
    "language": Value(
        allowed=lambda text: text == "multi" or say.LANGUAGE.fullmatch(text) is not None, code=13331
    ),
    "speechModel": Value(allowed=_model, code=13334),
    "input": each_of("dtmf", "speech", code=13326),
    "method": method(13312),
    "timeout": _seconds(13313),
    "speechTimeout": _seconds(13327),
    "maxSpeechTime": whole(1, 13328),
    "numDigits": whole(1, 13314),
    "finishOnKey": Value(allowed=lambda text: text == "" or (len(text) == 1 and text in KEYS), code=13310),
    "partialResultCallbackMethod": method(13329),
    "hints": Value(allowed=_hints, code=13330),
    "bargeIn": boolean(13332),
    "profanityFilter": boolean(13333),
    "actionOnEmptyResult": boolean(13338),
    "enhanced": boolean(),
    "debug": boolean(),
}


@dataclass(kw_only=True)
class Gathering:
    flow: Flow
    element: Element
    inbox: Inbox
    digits: str = ""
    speech: list[str] = field(default_factory=list)
    clearest: SpeechBegan | None = None  # the first words: how clearly, and in which language
    finished_on: str = ""

    def __post_init__(self) -> None:
        get = self.element.get
        self.inputs = get("input", "dtmf").split()
        self.timeout = float(get("timeout", "5").replace("auto", "5"))
        self.most = int(get("numDigits", "0"))
        self.finish = get("finishOnKey", "#")
        spoken = get("speechTimeout")
        self.pause = AUTO if spoken == "auto" else float(spoken or self.timeout)
        self.longest = min(float(get("maxSpeechTime", str(LONGEST_SPEECH))), LONGEST_SPEECH)
        self.barge = flag(get("bargeIn", "true"))
        self.partials = Partials(flow=self.flow, element=self.element)

    async def run(self) -> None:
        first = await self.prompt()
        if first is None:
            first = await self.next(self.timeout)
        while isinstance(first, SpeechBegan | Key):
            if isinstance(first, SpeechBegan):
                await self.listen(first)
                return
            if self.press(first):
                return
            first = await self.next(self.timeout)

    async def prompt(self) -> Input | None:
        """Say what is inside; the input that interrupted it, or came first while it could not be interrupted."""
        saying = asyncio.ensure_future(self._say())
        arrival = asyncio.ensure_future(self._wanted())
        try:
            await self.flow.wait(asyncio.wait({saying, arrival}, return_when=asyncio.FIRST_COMPLETED))
            if not saying.done() and not self.barge:
                await self.flow.wait(asyncio.shield(saying))
        finally:
            saying.cancel()
            interrupted = arrival.done()
            arrival.cancel()
            await asyncio.wait({saying})
            failure = None if saying.cancelled() else saying.exception()
        if failure:
            raise failure
        return arrival.result() if interrupted else None

    async def next(self, within: float) -> Input | None:
        clock = self.flow.leg.exchange.clock
        arrival = asyncio.ensure_future(self._wanted())
        late = asyncio.ensure_future(clock.sleep(within))
        try:
            await self.flow.wait(asyncio.wait({arrival, late}, return_when=asyncio.FIRST_COMPLETED))
            return arrival.result() if arrival.done() else None
        finally:
            arrival.cancel()
            late.cancel()

    def press(self, key: Key) -> bool:
        """Whether that was the last key."""
        if self.finish and key.key == self.finish:
            self.finished_on = key.key
            return True
        self.digits += key.key
        return len(self.digits) == self.most

    async def listen(self, begun: SpeechBegan) -> None:
        """Until a pause, or until it has been long enough: then what was said so far is the result."""
        exchange = self.flow.leg.exchange
        began, self.clearest = exchange.now, begun
        following: Input | None = begun
        try:
            while following is not None:
                if isinstance(following, SpeechBegan):
                    speaking, since = following, exchange.now
                    self.partials.begin(speaking.words)
                elif isinstance(following, SpeechEnded):
                    self.speech.append(following.words)
                    self.partials.end(following.words)
                left = began + self.longest - exchange.now
                talking = isinstance(following, SpeechBegan)
                following = await self.next(max(0.0, left if talking else min(left, self.pause)))
                if following is None and talking:
                    said = plain(speaking.words)
                    self.speech.append(" ".join(said.words[: said.spoken(exchange.now - since)]))
        finally:
            self.partials.cancel()

    def result(self) -> dict[str, str]:
        """What the action is told of the words."""
        get, words = self.element.get, " ".join(self.speech).strip()
        language, begun = get("language", "en-US"), self.clearest or SpeechBegan(words=words)
        sure = confidence(words, begun.confidence, (begun.language, language), get("hints"))
        filtered = flag(get("profanityFilter", "true"))
        return {
            "SpeechResult": decent(words, filtered=filtered),
            "Confidence": str(sure),
            "Language": language,
        }

    async def _say(self) -> None:
        for inside in self.element.children:
            run = RUNS.get(inside.name, VERBS[inside.name].run)
            await run(self.flow, self.flow.checked(inside, SHAPES.get(inside.name)))

    async def _wanted(self) -> Input:
        while True:
            arrival = await self.inbox.get()
            if isinstance(arrival, Key):
                if "dtmf" in self.inputs and not self.clearest:
                    return arrival
            elif "speech" in self.inputs and not self.digits:
                return arrival


@verb("Gather", ATTRIBUTES, ("Say", "Play", "Pause"), 13320)
async def gather(flow: Flow, element: Element) -> Ask | None:
    if element.get("speechTimeout") == "auto" and "speechModel" in element.attributes:
        flow.warn(13335, "Gather: speechTimeout auto cannot be used with a speechModel of your choice")
    with flow.leg.inbox() as inbox:
        gathering = Gathering(flow=flow, element=element, inbox=inbox)
        await gathering.run()
    if any(gathering.speech):
        return flow.action(element, gathering.result())
    if gathering.digits:
        return flow.action(element, {"Digits": gathering.digits, "FinishedOnKey": gathering.finished_on})
    if flag(element.get("actionOnEmptyResult")):
        empty = {"SpeechResult": ""} if "speech" in gathering.inputs else {"Digits": ""}
        return flow.action(element, empty)
    return None
