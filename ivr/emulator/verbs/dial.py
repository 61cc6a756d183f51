"""<Dial>: another party, a queue or a conference; then its action, or the next verb."""

from dataclasses import dataclass, field

from ivr.emulator.document import Element
from ivr.emulator.flow import Flow
from ivr.emulator.signals import Ask, HungUp, Inbox, Key, Redirected
from ivr.emulator.verbs.registry import NOUNS, anything, boolean, method, one_of, verb, whole

RECORD = one_of(
    "true", "false", "do-not-record", "record-from-answer", "record-from-ringing",
    "record-from-answer-dual", "record-from-ringing-dual", code=13217,
)  # fmt: skip
ATTRIBUTES = {
    **anything(
        "action callerId callReason recordingStatusCallback recordingStatusCallbackEvent recordingTrack"
    ),
    **anything("referUrl ringTone trim recordingConfigurationId"),
    "method": method(13210),
    "recordingStatusCallbackMethod": method(),
    "referMethod": method(),
    "timeout": whole(1, 13212),
    "timeLimit": whole(1, 13216),
    "hangupOnStar": boolean(13213),
    "answerOnBridge": boolean(13219),
    "sequential": boolean(13218),
    "record": RECORD,
}


@dataclass(kw_only=True)
class Dialled:
    """What a noun works on: the Dial, its nouns, and what came of it so far."""

    dial: Element
    nouns: tuple[Element, ...]
    outcome: dict[str, str] = field(default_factory=dict)  # the action's parameters
    fell_through: bool = False  # to the next verb, whatever the action


async def star(inbox: Inbox) -> None:
    """The key that ends a Dial with hangupOnStar."""
    while await inbox.get() != Key(key="*"):
        pass


@verb("Dial", ATTRIBUTES, ("Number", "Conference", "Queue", "Client", "Sip", "Sim"), 13215)
async def dial(flow: Flow, element: Element) -> Ask | None:
    nouns = element.children
    if not nouns and element.text:
        nouns = (Element(name="Number", attributes={}, children=(), text=element.text),)
    if not nouns or nouns[0].name not in NOUNS:
        flow.warn(13223, "Dial: nobody to dial")
        return None
    kind = NOUNS[nouns[0].name]
    same = tuple(flow.checked(one) for one in nouns if one.name == kind.name)
    work = Dialled(dial=element, nouns=same)
    try:
        await kind.run(flow, work)
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
