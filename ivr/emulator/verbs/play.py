"""<Play>: music or a recording, five seconds long unless its address says `seconds=`; or keys."""

import re

from ivr.emulator.document import Element
from ivr.emulator.flow import Flow
from ivr.emulator.verbs.registry import Value, verb, whole

LENGTH = 5.0
MOST_LOOPS = 1000
DIGITS = Value(allowed=lambda text: bool(re.fullmatch(r"[0-9A-D#*wW]+", text)), code=13430)


@verb("Play", {"loop": whole(0, 13410), "digits": DIGITS})
async def play(flow: Flow, element: Element) -> None:
    leg = flow.leg
    if digits := element.get("digits"):
        await flow.wait(leg.exchange.clock.sleep(0.5 * len(digits)))
        leg.log("played", keys=digits)
        return
    for _ in range(int(element.get("loop", "1")) or MOST_LOOPS):
        leg.ears.hear("music", element.text)
        complete = False
        try:
            await flow.wait(leg.exchange.clock.sleep(length(element.text)))
            complete = True
        finally:
            leg.log("played", url=element.text, complete=complete)
            leg.ears.stop("music", element.text)


def length(url: str) -> float:
    match = re.search(r"[?&]seconds=(\d+(?:\.\d+)?)", url)
    return float(match[1]) if match else LENGTH
