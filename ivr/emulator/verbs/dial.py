"""<Dial>: another party, a queue or a conference; then its action, or the next verb."""

from dataclasses import dataclass, field

from ivr.emulator.calls.signals import HungUp, InputQueue, Key, Redirected, TwimlSource
from ivr.emulator.calls.twiml_document import Element
from ivr.emulator.calls.twiml_runner import TwimlRunner
from ivr.emulator.verbs.record_common import RECORDING_ATTRIBUTES, TRACKS, TRIMS
from ivr.emulator.verbs.registry import (
    NOUNS,
    AttributeRule,
    any_values,
    boolean,
    integer,
    method,
    one_of,
    verb,
)

RECORD_RULE = one_of(
    "true", "false", "do-not-record", "record-from-answer", "record-from-ringing",
    "record-from-answer-dual", "record-from-ringing-dual", code=13217,
)  # fmt: skip
RING_TONES = (
    "at au bg br be ch cl cn cz de dk ee es fi fr gr hu il in it lt jp mx my nl no nz ph pl pt ru se sg th uk us us-old"
    " tw ve za"
)
ATTRIBUTES = {
    **any_values("action callerId referUrl events passports"),
    **RECORDING_ATTRIBUTES,
    "callReason": AttributeRule(is_allowed=lambda text: len(text) <= 50),
    "ringTone": one_of(*RING_TONES.split(), code=13220),
    "recordingTrack": one_of(*TRACKS),
    "trim": one_of(*TRIMS, "true", "false"),
    "method": method(13210),
    "referMethod": method(),
    "timeout": integer(1, 13212),
    "timeLimit": integer(1, 13216),
    "hangupOnStar": boolean(13213),
    "answerOnBridge": boolean(13219),
    "sequential": boolean(13218),
    "record": RECORD_RULE,
}
MAX_PARTIES = 10  # parties at once
RING_TIMEOUT_LIMITS = (5.0, 600.0)  # seconds that a party may ring


@dataclass(kw_only=True)
class DialState:
    """What a noun works on: the Dial, its nouns, and what came of it so far."""

    dial: Element
    nouns: tuple[Element, ...]
    outcome: dict[str, str] = field(default_factory=dict)  # the action's parameters
    fell_through: bool = False  # to the next verb, whatever the action

    @property
    def ring_seconds(self) -> float:
        """Seconds."""
        shortest, longest = RING_TIMEOUT_LIMITS
        return min(max(float(self.dial.get("timeout", "30")), shortest), longest)


async def wait_for_star(inbox: InputQueue) -> None:
    """The key that ends a Dial with hangupOnStar."""
    while await inbox.get() != Key(key="*"):
        pass


@verb(
    "Dial",
    ATTRIBUTES,
    ("Number", "Conference", "Queue", "Client", "Sip", "Sim", "WhatsApp", "Application"),
    13215,
)
async def dial(runner: TwimlRunner, element: Element) -> TwimlSource | None:
    nouns = element.children
    if not nouns and element.own_text:
        nouns = (
            Element(
                name="Number", attributes={}, children=(), text=element.own_text, own_text=element.own_text
            ),
        )
    if not nouns:
        runner.warn(13223, "Dial: nobody to dial")
        return None
    work = DialState(dial=element, nouns=_check_nouns(runner, nouns))
    try:
        await NOUNS[nouns[0].name].run(runner, work)
    except Redirected:
        work.outcome.pop("DialCallDuration", None)
        await runner.send_final_action(element, {**work.outcome, "DialCallStatus": "completed"})
        raise
    except HungUp:
        await runner.send_final_action(element, work.outcome)
        raise
    if work.fell_through or not element.get("action"):
        return None
    return runner.get_action_source(element, work.outcome)


def _check_nouns(runner: TwimlRunner, nouns: tuple[Element, ...]) -> tuple[Element, ...]:
    """The parties that can be dialled with the first, checked. Conferences and queues go alone."""
    names = {one.name for one in nouns}
    same = [one for one in nouns if NOUNS[one.name].run is NOUNS[nouns[0].name].run]
    if len(same) < len(nouns):
        code = 13000 if "Conference" in names else 13215
        runner.warn(code, f"Dial: {' and '.join(sorted(names))} cannot be mixed")
    if len(same) > MAX_PARTIES:
        runner.warn(13250, f"Dial: {len(same)} parties, of whom {MAX_PARTIES} are dialled")
    return tuple(runner.strip_invalid(one) for one in same[:MAX_PARTIES])
