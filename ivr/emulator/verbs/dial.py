"""<Dial>: another party, a queue or a conference; then its action, or the next verb."""

from dataclasses import dataclass, field

from ivr.emulator.calls.signals import Ask, HungUp, Inbox, Key, Redirected
from ivr.emulator.calls.twiml_document import Element
from ivr.emulator.calls.twiml_runner import Flow
from ivr.emulator.verbs.record_common import RECORDED, TRACKS, TRIMS
from ivr.emulator.verbs.registry import NOUNS, Value, anything, boolean, method, one_of, verb, whole

RECORD = one_of(
    "true", "false", "do-not-record", "record-from-answer", "record-from-ringing",
    "record-from-answer-dual", "record-from-ringing-dual", code=13217,
)  # fmt: skip
RINGS = (
    "at au bg br be ch cl cn cz de dk ee es fi fr gr hu il in it lt jp mx my nl no nz ph pl pt ru se sg th uk us us-old"
    " tw ve za"
)
ATTRIBUTES = {
    **anything("action callerId referUrl events passports"),
    **RECORDED,
    "callReason": Value(allowed=lambda text: len(text) <= 50),
    "ringTone": one_of(*RINGS.split(), code=13220),
    "recordingTrack": one_of(*TRACKS),
    "trim": one_of(*TRIMS, "true", "false"),
    "method": method(13210),
    "referMethod": method(),
    "timeout": whole(1, 13212),
    "timeLimit": whole(1, 13216),
    "hangupOnStar": boolean(13213),
    "answerOnBridge": boolean(13219),
    "sequential": boolean(13218),
    "record": RECORD,
}
MOST = 10  # parties at once
WAITS = (5.0, 600.0)  # seconds that a party may ring


@dataclass(kw_only=True)
class Dialled:
    """What a noun works on: the Dial, its nouns, and what came of it so far."""

    dial: Element
    nouns: tuple[Element, ...]
    outcome: dict[str, str] = field(default_factory=dict)  # the action's parameters
    fell_through: bool = False  # to the next verb, whatever the action

    @property
    def patience(self) -> float:
        """Seconds."""
        shortest, longest = WAITS
        return min(max(float(self.dial.get("timeout", "30")), shortest), longest)


async def star(inbox: Inbox) -> None:
    """The key that ends a Dial with hangupOnStar."""
    while await inbox.get() != Key(key="*"):
        pass


@verb(
    "Dial",
    ATTRIBUTES,
    ("Number", "Conference", "Queue", "Client", "Sip", "Sim", "WhatsApp", "Application"),
    13215,
)
async def dial(flow: Flow, element: Element) -> Ask | None:
    nouns = element.children
    if not nouns and element.own:
        nouns = (Element(name="Number", attributes={}, children=(), text=element.own, own=element.own),)
    if not nouns:
        flow.warn(13223, "Dial: nobody to dial")
        return None
    work = Dialled(dial=element, nouns=_together(flow, nouns))
    try:
        await NOUNS[nouns[0].name].run(flow, work)
    except Redirected:
        work.outcome.pop("DialCallDuration", None)
        await flow.tell(element, {**work.outcome, "DialCallStatus": "completed"})
        raise
    except HungUp:
        await flow.tell(element, work.outcome)
        raise
    if work.fell_through or not element.get("action"):
        return None
    return flow.action(element, work.outcome)


def _together(flow: Flow, nouns: tuple[Element, ...]) -> tuple[Element, ...]:
    """The parties that can be dialled with the first, checked. Conferences and queues go alone."""
    names = {one.name for one in nouns}
    same = [one for one in nouns if NOUNS[one.name].run is NOUNS[nouns[0].name].run]
    if len(same) < len(nouns):
        code = 13000 if "Conference" in names else 13215
        flow.warn(code, f"Dial: {' and '.join(sorted(names))} cannot be mixed")
    if len(same) > MOST:
        flow.warn(13250, f"Dial: {len(same)} parties, of whom {MOST} are dialled")
    return tuple(flow.checked(one) for one in same[:MOST])
