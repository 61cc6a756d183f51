"""<Start>, <Stop>, <Connect> and others that touch only the sound: accepted and written down."""

from ivr.emulator.document import Element
from ivr.emulator.flow import Flow
from ivr.emulator.verbs.registry import anything, verb

NOUNS = (
    "Stream",
    "Transcription",
    "Siprec",
    "Recording",
    "Conversation",
    "VirtualAgent",
    "ConversationRelay",
    "Room",
)


@verb("Start", anything("action method"), NOUNS, 14300)
@verb("Stop", anything("action method"), NOUNS, 14300)
@verb("Connect", anything("action method"), NOUNS)
@verb("Echo")
@verb("Refer", anything("action method"), ("Sip", "ReferSip"))
async def media(flow: Flow, element: Element) -> None:
    what = [{"noun": child.name, **child.attributes} for child in element.children]
    flow.leg.log("accepted", verb=element.name, nouns=what)
