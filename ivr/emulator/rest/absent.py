"""What Twilio has and the emulator has not: 501, so that nobody takes it for a resource that is not there."""

from aiohttp import web

from ivr.emulator.rest.common import BASE
from ivr.emulator.rest.form import Refusal
from ivr.emulator.runtime.exchange import API_VERSION

BELOW_A_CALL = "Payments|Siprec|Streams|Transcriptions|UserDefinedMessages|UserDefinedMessageSubscriptions"
BELOW_A_RECORDING = "AddOnResults|Transcriptions"
BELOW_THE_ACCOUNT = (
    "Addresses|AuthorizedConnectApps|AvailablePhoneNumbers|Balance|ConnectApps|Keys|OutgoingCallerIds|SIP|SMS|"
    "SigningKeys|Tokens|Transcriptions|Usage"
)
PATHS = (
    f"{BASE}/Calls/{{call}}/{{what:{BELOW_A_CALL}}}",
    f"{BASE}/Recordings/{{recording}}/{{what:{BELOW_A_RECORDING}}}",
    f"{BASE}/IncomingPhoneNumbers/{{number}}/{{what:AssignedAddOns}}",
    f"{BASE}/{{what:{BELOW_THE_ACCOUNT}}}",
)


def routes() -> list[web.RouteDef]:
    every = [web.route("*", f"{path}{{rest:(\\.json|/.*)}}", respond) for path in PATHS]
    return [*every, web.post(f"/{API_VERSION}/{{what:Accounts}}.json", respond)]


async def respond(request: web.Request) -> web.StreamResponse:
    raise Refusal(501, 20501, f"The emulator has no {request.match_info['what']}")
