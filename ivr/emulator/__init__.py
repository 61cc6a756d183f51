"""A local Twilio: REST API, TwiML, webhooks, and people with phones, over one HTTP port. It knows no app."""

from collections.abc import Sequence


def main(argv: Sequence[str] | None = None) -> int:
    """See `ivr.emulator.command`; imported late, because it brings in the HTTP server."""
    from ivr.emulator.command import main as run

    return run(argv)
