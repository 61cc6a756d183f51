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
    from ivr.cli.twilio.numbers import lines, telephony
    from ivr.settings import load

    settings = load()
    account = telephony(settings)
    missing = False
    for line in lines(settings, account, fallback=fallback):
        if line.own is None:
            missing = True
            click.echo(
                f"{line.number}  is not a number of this account: buy it, or correct `lines:` in {settings.flows}"
            )
        elif line.wrong:
            for change in line.wrong:
                click.echo(f"{line.number}  {change.what}: {change.has or 'nothing'} -> {change.needs}")
            if not dry_run:
                account.set_webhooks(line.own.sid, line.needs)
        else:
            click.echo(f"{line.number}  as it should be")
    if missing:
        raise SystemExit(1)


@twilio.command()
def fallback() -> None:
    """Print TwiML for a TwiML Bin or any other host: what callers get when nothing of ours runs."""
    from ivr.services import library
    from ivr.settings import load_local
    from ivr.telephony.fallback import static_twiml

    settings = load_local()
    if not settings.fallback_numbers:
        click.echo("IVR_FALLBACK_NUMBERS is empty: callers could only leave a message.", err=True)
    spoken = library(settings)
    books = [spoken.book(language) for language in spoken.languages]
    click.echo(static_twiml(numbers=settings.fallback_numbers, books=books))


twilio.add_command(probe)
