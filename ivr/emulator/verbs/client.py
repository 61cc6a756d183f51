"""<Dial><Client> and <Dial><Sip>: rung like a number; phones are registered as `client:name` or `sip:...`."""

from ivr.emulator.verbs.number import ATTRIBUTES, number
from ivr.emulator.verbs.registry import anything, noun

MORE = anything("username password codecs")

noun("Client", {**ATTRIBUTES, **MORE})(number)
noun("Sip", {**ATTRIBUTES, **MORE})(number)
