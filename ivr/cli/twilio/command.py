"""`ivr twilio`: what must be said to Twilio once."""

from __future__ import annotations

import click

from ivr.cli.twilio.probe.command import probe


@click.group()
def twilio() -> None:
    """Set up the account's numbers; print what must run elsewhere."""


@twilio.command()
@click.option("--dry-run", is_flag=True, help="Only say what would change.")
@click.option(
    "--fallback", default="", help="Address of the fallback on another host (see `ivr twilio fallback`)."
)
def setup(dry_run: bool, fallback: str) -> None:
    """Point each line's webhooks here. A fallback on another host is kept."""
    from ivr.cli.twilio.numbers import list_our_numbers, make_telephony
    from ivr.settings import load_settings

    settings = load_settings()
    account = make_telephony(settings)
    missing = False
    for line in list_our_numbers(settings, account, fallback=fallback):
        if line.number_at_twilio is None:
            missing = True
            click.echo(
                f"{line.number}  is not a number of this account: buy it, or correct `lines:` in {settings.flows}"
            )
        elif line.differences:
            for change in line.differences:
                click.echo(
                    f"{line.number}  {change.field}: {change.actual or 'nothing'} -> {change.expected}"
                )
            if not dry_run:
                account.set_webhooks(line.number_at_twilio.sid, line.expected_webhooks)
        else:
            click.echo(f"{line.number}  as it should be")
    if missing:
        raise SystemExit(1)


@twilio.command()
def fallback() -> None:
    """Print TwiML for a TwiML Bin or any other host: what callers get when nothing of ours runs."""
    from ivr.services import load_library
    from ivr.settings import load_local_settings
    from ivr.telephony.fallback import static_twiml

    settings = load_local_settings()
    if not settings.fallback_numbers:
        click.echo("IVR_FALLBACK_NUMBERS is empty: callers could only leave a message.", err=True)
    spoken = load_library(settings)
    books = [spoken.get_phrasebook(language) for language in spoken.languages]
    click.echo(static_twiml(numbers=settings.fallback_numbers, phrasebooks=books))


twilio.add_command(probe)
