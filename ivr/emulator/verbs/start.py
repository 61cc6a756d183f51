"""<Start> and <Stop>: what goes on beside the verbs that follow. Each noun is a file that registers with `@start_noun`."""

from ivr.emulator.calls.twiml_document import Element
from ivr.emulator.calls.twiml_runner import TwimlRunner
from ivr.emulator.verbs.registry import START_NOUNS, any_values, verb

STARTABLE_NOUNS = ("Stream", "Transcription", "Siprec", "Recording")
INVALID_NOUN = 14300


@verb("Start", any_values("action method"), STARTABLE_NOUNS, INVALID_NOUN)
async def start(runner: TwimlRunner, element: Element) -> None:
    _log_nouns(runner, element)
    for noun in element.children:
        key = noun.name, noun.get("name")
        if noun.get("name") and key in runner.leg.started_nouns:
            runner.warn(INVALID_NOUN, f"Start: a {noun.name} called {noun.get('name')} runs already")
        else:
            START_NOUNS[noun.name](runner, noun)


@verb("Stop", any_values("action method"), STARTABLE_NOUNS, INVALID_NOUN)
async def stop(runner: TwimlRunner, element: Element) -> None:
    _log_nouns(runner, element)
    for noun in element.children:
        if thing := runner.leg.started_nouns.get((noun.name, noun.get("name"))):
            thing.stop()
        else:
            runner.warn(INVALID_NOUN, f"Stop: no {noun.name} called {noun.get('name')!r} runs")


def _log_nouns(runner: TwimlRunner, element: Element) -> None:
    if not element.children:
        runner.warn(INVALID_NOUN, f"{element.name}: nothing to {element.name.lower()}")
    what = [{"noun": child.name, **child.attributes} for child in element.children]
    runner.leg.log("accepted", verb=element.name, nouns=what)
