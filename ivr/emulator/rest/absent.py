"""What Twilio has and the emulator has not: 501, so that nobody takes it for a resource that is not there."""

from aiohttp import web

from ivr.emulator.rest.common import ACCOUNT_PATH
from ivr.emulator.rest.form import RestApiError
from ivr.emulator.runtime.exchange import API_VERSION

CALL_SUBRESOURCES = (
    "Payments|Siprec|Streams|Transcriptions|UserDefinedMessages|UserDefinedMessageSubscriptions"
)
RECORDING_SUBRESOURCES = "AddOnResults|Transcriptions"
ACCOUNT_SUBRESOURCES = (
    "Addresses|AuthorizedConnectApps|AvailablePhoneNumbers|Balance|ConnectApps|Keys|OutgoingCallerIds|SIP|SMS|"
    "SigningKeys|Tokens|Transcriptions|Usage"
)
PATHS = (
    f"{ACCOUNT_PATH}/Calls/{{call}}/{{what:{CALL_SUBRESOURCES}}}",
    f"{ACCOUNT_PATH}/Recordings/{{recording}}/{{what:{RECORDING_SUBRESOURCES}}}",
    f"{ACCOUNT_PATH}/IncomingPhoneNumbers/{{number}}/{{what:AssignedAddOns}}",
    f"{ACCOUNT_PATH}/{{what:{ACCOUNT_SUBRESOURCES}}}",
)


def routes() -> list[web.RouteDef]:
    every = [web.route("*", f"{path}{{rest:(\\.json|/.*)}}", refuse_not_emulated) for path in PATHS]
    return [*every, web.post(f"/{API_VERSION}/{{what:Accounts}}.json", refuse_not_emulated)]


async def refuse_not_emulated(request: web.Request) -> web.StreamResponse:
    raise RestApiError(501, 20501, f"The emulator has no {request.match_info['what']}")
