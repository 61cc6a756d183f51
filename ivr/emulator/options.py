"""What the command can be told."""

import argparse
from collections.abc import Sequence

from ivr.emulator.runtime.event_log import WEEK_SECONDS
from ivr.emulator.runtime.formats import E164, parse_timestamp

DEFAULT_ACCOUNT_SID = "AC" + "0" * 32
DEFAULT_NUMBER = "+15550100100"
HOUR_SECONDS = 3600.0  # seconds

DESCRIPTION = """\
A Twilio on this machine: REST API, TwiML, signed webhooks, and phones that you hold in the browser. It knows no app:
tell yours the same account SID and auth token, and this address instead of https://api.twilio.com.
"""
EPILOG = """\
examples:
  ivr emulate --voice-url http://127.0.0.1:5000/voice        then open http://127.0.0.1:8100/phones and dial +15550100100
  ivr emulate --clock manual --port 0                        for tests: time stands still until it is told to go on
  ivr emulate --speed 10 --cps 1                             a day in two hours, and a call a second as on a new account

It prints one line of JSON with its address and serves until it is interrupted. docs/emulator.md says what is emulated,
and where it differs from Twilio.
"""


def parse_options(argv: Sequence[str] | None) -> argparse.Namespace:
    """Exits with 2 and a word about what is wrong."""
    parser = argparse.ArgumentParser(
        prog="ivr emulate",
        description=DESCRIPTION,
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    _add_app_options(parser)
    _add_account_options(parser)
    _add_time_options(parser)
    _add_listen_options(parser)
    return parser.parse_args(argv)


def _add_app_options(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("your app")
    group.add_argument("--voice-url", metavar="URL", help="what answers calls to --number")
    group.add_argument(
        "--voice-fallback-url", metavar="URL", default="", help="what is asked when that fails"
    )
    group.add_argument(
        "--status-callback", metavar="URL", default="", help="what is told that a call is over"
    )
    group.add_argument("--sms-url", metavar="URL", default="", help="what answers texts to --number")
    group.add_argument(
        "--number",
        type=_parse_number,
        default=DEFAULT_NUMBER,
        help="the account's number with those webhooks (%(default)s)",
    )
    group.add_argument(
        "--debugger-url", metavar="URL", default="", help="what is told of errors and warnings, as a form"
    )
    group.add_argument(
        "--events-url", metavar="URL", default="", help="likewise, as JSON events with bodySHA256"
    )


def _add_account_options(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("the account")
    group.add_argument("--account-sid", metavar="SID", default=DEFAULT_ACCOUNT_SID, help="(%(default)s)")
    group.add_argument(
        "--auth-token", metavar="TOKEN", default="0" * 32, help="signs the webhooks (32 zeros)"
    )
    group.add_argument(
        "--api-key",
        type=_parse_api_key,
        metavar="SID:SECRET",
        help="opens the REST API too, and signs the access tokens of browser phones",
    )
    group.add_argument("--cps", type=float, default=0.0, help="calls started per second, 0 for no limit (0)")


def _add_time_options(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("time and chance")
    group.add_argument("--clock", choices=["real", "manual"], default="real", help="(%(default)s)")
    group.add_argument(
        "--start", type=parse_timestamp, metavar="TIME", help="what time it is, ISO 8601 (now)"
    )
    group.add_argument("--speed", type=float, default=1.0, help="how much faster a real clock runs (1)")
    group.add_argument("--seed", type=int, default=0, help="of identifiers and faults (0)")
    group.add_argument(
        "--keep",
        type=float,
        default=WEEK_SECONDS / HOUR_SECONDS,
        metavar="HOURS",
        help="that what is over is remembered (168)",
    )


def _add_listen_options(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("where it listens")
    group.add_argument("--host", default="127.0.0.1", help="(%(default)s)")
    group.add_argument("--port", type=int, default=8100, help="0 for any free one (%(default)s)")
    group.add_argument(
        "--known-as",
        action="append",
        default=[],
        metavar="NAME",
        help="a name with a dot that this machine is reached by",
    )


def _parse_api_key(text: str) -> tuple[str, str]:
    sid, _, secret = text.partition(":")
    if not sid.startswith("SK") or not secret:
        raise argparse.ArgumentTypeError("an API key is SK..., a colon and its secret")
    return sid, secret


def _parse_number(text: str) -> str:
    if not E164.fullmatch(text):
        raise argparse.ArgumentTypeError(f"{text} is no number in international form, like {DEFAULT_NUMBER}")
    return text
