"""`ivr emulate`: the local Twilio. Its options are its own."""

from __future__ import annotations

import click


@click.command(
    context_settings={"ignore_unknown_options": True, "help_option_names": []}, add_help_option=False
)
@click.argument("argv", nargs=-1, type=click.UNPROCESSED)
def emulate(argv: tuple[str, ...]) -> None:
    """A Twilio on this machine: no account, no tunnel, no phone."""
    from ivr.emulator import main

    raise SystemExit(main(list(argv)))
