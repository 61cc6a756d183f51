"""<Start> and <Stop>: what goes on beside the verbs that follow. Each noun is a file that registers with `@starts`."""

from ivr.emulator.calls.twiml_document import Element
from ivr.emulator.calls.twiml_runner import Flow
from ivr.emulator.verbs.registry import STARTS, anything, verb

NOUNS = ("Stream", "Transcription", "Siprec", "Recording")
INVALID_NOUN = 14300


@verb("Start", anything("action method"), NOUNS, INVALID_NOUN)
async def start(flow: Flow, element: Element) -> None:
    _log(flow, element)
    for noun in element.children:
        key = noun.name, noun.get("name")
        if noun.get("name") and key in flow.leg.running:
            flow.warn(INVALID_NOUN, f"Start: a {noun.name} called {noun.get('name')} runs already")
        else:
            STARTS[noun.name](flow, noun)


@verb("Stop", anything("action method"), NOUNS, INVALID_NOUN)
async def stop(flow: Flow, element: Element) -> None:
    _log(flow, element)
    for noun in element.children:
        if thing := flow.leg.running.get((noun.name, noun.get("name"))):
            thing.stop()
        else:
            flow.warn(INVALID_NOUN, f"Stop: no {noun.name} called {noun.get('name')!r} runs")


def _log(flow: Flow, element: Element) -> None:
    if not element.children:
        flow.warn(INVALID_NOUN, f"{element.name}: nothing to {element.name.lower()}")
    what = [{"noun": child.name, **child.attributes} for child in element.children]
    flow.leg.log("accepted", verb=element.name, nouns=what)
