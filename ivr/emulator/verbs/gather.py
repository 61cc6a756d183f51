"""<Gather>: keys, speech or both, whichever is first; what it says meanwhile stops when somebody begins."""

import asyncio
from dataclasses import dataclass

from ivr.emulator.document import Element
from ivr.emulator.flow import Flow
from ivr.emulator.formats import flag
from ivr.emulator.signals import Ask, Inbox, Input, Key, SpeechBegan, SpeechEnded
from ivr.emulator.verbs.registry import VERBS, Value, anything, boolean, each_of, method, verb, whole

AUTO = 1.0  # seconds of silence that end a sentence when speechTimeout is auto
LONGEST_SPEECH = 60.0
KEYS = frozenset("0123456789*#")


def _hints(text: str) -> bool:
    entries = text.split(",")
    return len(entries) <= 500 and all(len(entry.strip()) <= 100 for entry in entries)


ATTRIBUTES = {
    **anything("action language partialResultCallback speechModel"),
    "input": each_of("dtmf", "speech", code=13326),
    "method": method(13312),
    "timeout": Value(allowed=lambda text: text == "auto" or text.isdigit(), code=13313),
    "speechTimeout": Value(allowed=lambda text: text == "auto" or text.isdigit(), code=13327),
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
    speech: str = ""
    finished_on: str = ""

    def __post_init__(self) -> None:
        get = self.element.get
        self.inputs = get("input", "dtmf").split()
        self.timeout = float(get("timeout", "5").replace("auto", "5"))
        self.most = int(get("numDigits", "0"))
        self.finish = get("finishOnKey", "#")
        spoken = get("speechTimeout")
        self.pause = AUTO if spoken == "auto" else float(spoken or self.timeout)
        self.barge = flag(get("bargeIn", "true"))

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
        began = self.flow.leg.exchange.now
        following: Input | None = begun
        while following is not None:
            left = began + LONGEST_SPEECH - self.flow.leg.exchange.now
            following = await self.next(min(left, self.pause if isinstance(following, SpeechEnded) else left))
            if isinstance(following, SpeechEnded):
                self.speech = f"{self.speech} {following.words}".strip()
            if left <= 0:
                return

    async def _say(self) -> None:
        for inside in self.element.children:
            await VERBS[inside.name].run(self.flow, self.flow.checked(inside))

    async def _wanted(self) -> Input:
        while True:
            arrival = await self.inbox.get()
            if isinstance(arrival, Key):
                if "dtmf" in self.inputs and not self.speech:
                    return arrival
            elif "speech" in self.inputs and not self.digits:
                return arrival


@verb("Gather", ATTRIBUTES, ("Say", "Play", "Pause"), 13320)
async def gather(flow: Flow, element: Element) -> Ask | None:
    with flow.leg.inbox() as inbox:
        gathering = Gathering(flow=flow, element=element, inbox=inbox)
        await gathering.run()
    if gathering.speech:
        language = element.get("language", "en-US")
        return flow.action(
            element, {"SpeechResult": gathering.speech, "Confidence": "0.92", "Language": language}
        )
    if gathering.digits:
        return flow.action(element, {"Digits": gathering.digits, "FinishedOnKey": gathering.finished_on})
    if flag(element.get("actionOnEmptyResult")):
        empty = {"SpeechResult": ""} if "speech" in gathering.inputs else {"Digits": ""}
        return flow.action(element, empty)
    return None
