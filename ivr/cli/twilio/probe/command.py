"""The command: documented, observed, and whether they differ."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import click

from ivr.domain.errors import CalorError

if TYPE_CHECKING:  # they bring in the SDK
    from ivr.cli.twilio.probe.lab import Lab
    from ivr.cli.twilio.probe.probe_fact import ProbeFact
    from ivr.settings import Settings

LOCAL_HOSTS = frozenset({"127.0.0.1", "localhost", "::1"})
SAME, DIFFERS, UNSEEN = "as documented", "DIFFERS", "NOT SEEN"


@dataclass(frozen=True, kw_only=True)
class FactOutcome:
    """`verdict`: SAME, DIFFERS, or UNSEEN when the experiment itself did not get that far."""

    fact: str
    documented: str
    observed: str
    verdict: str


@click.command()
@click.option(
    "--from", "ours", default="", help="The number that calls. Any two of the account's, by default."
)
@click.option(
    "--to", "other", default="", help="The number that is called; its voice webhook is put back afterwards."
)
@click.option(
    "--url",
    default="",
    help="The address under which Twilio reaches --port here. Not needed for the emulator.",
)
@click.option("--port", default=8170, show_default=True)
@click.option(
    "--speed", "speed", default=1.0, hidden=True, help="How many times faster the emulator's clock runs."
)
@click.option("--only", multiple=True, metavar="FACT", help="Not all of them.")
@click.option("--list", "only_list", is_flag=True, help="Say which facts there are, and try nothing.")
@click.option("--yes", is_flag=True, help="Do not ask before calls that cost money.")
@click.option("--json", "as_json", is_flag=True)
def probe(  # noqa: PLR0913, PLR0917 - click hands them over by name
    ours: str,
    other: str,
    url: str,
    port: int,
    speed: float,
    only: tuple[str, ...],
    only_list: bool,
    yes: bool,
    as_json: bool,
) -> None:
    """Try out what we rest on, between two numbers of the account.

    The same experiments run against the emulator and against Twilio. Ends with 1 when anything is not as documented.
    """
    from ivr.cli.twilio.probe.facts import FACTS

    names = [f.name for f in FACTS]
    if wrong := sorted(set(only) - set(names)):
        raise click.BadParameter(f"There is no fact {wrong[0]!r}: see --list.", param_hint="--only")
    chosen = [f for f in FACTS if not only or f.name in only]
    if only_list:
        for f in chosen:
            click.echo(f"{f.name:<28}  {f.documented}")
        return
    from ivr.settings import load_settings

    settings = load_settings()
    local = urlsplit(settings.twilio_api_url).hostname in LOCAL_HOSTS
    if not local and not url:
        raise click.UsageError(
            f"Twilio must reach this machine: give the public address of port {port} as --url."
        )
    if not local and not yes:
        click.confirm(
            f"This makes about {2 * len(chosen)} short calls that Twilio charges for. Go on?",
            abort=True,
            err=True,
        )
    outcomes: list[FactOutcome] = []
    lab = _make_lab(settings, ours, other, url or f"http://127.0.0.1:{port}", speed)
    for outcome in _try_facts(lab, chosen, port):
        outcomes.append(outcome)
        if not as_json:
            click.echo(_format_result(outcome))
    if as_json:
        click.echo(json.dumps([asdict(o) for o in outcomes]))
    bad = sum(o.verdict != SAME for o in outcomes)
    click.echo(f"{len(outcomes) - bad} of {len(outcomes)} as documented.", err=True)
    sys.exit(bool(bad))


def _format_result(result: FactOutcome) -> str:
    return f"{result.verdict:<13}  {result.fact}\n    documented  {result.documented}\n    observed    {result.observed}"


def _try_facts(lab: Lab, chosen: list[ProbeFact], port: int) -> Iterator[FactOutcome]:
    from ivr.cli.twilio.probe.lab import answer_other_number, serve_pages

    with serve_pages(lab, port), answer_other_number(lab):
        for nth, f in enumerate(chosen, 1):
            click.echo(f"[{nth}/{len(chosen)}] {f.name}", err=True)
            pages = {
                name: page.replace("{other}", lab.other) if isinstance(page, str) else page
                for name, page in f.pages.items()
            }
            with lab.experiment(pages):
                yield _try_fact(f, lab)


def _try_fact(fact: ProbeFact, lab: Lab) -> FactOutcome:
    from twilio.base.exceptions import TwilioRestException

    try:
        same, seen = fact.observe(lab)
        verdict = SAME if same else DIFFERS
    except (CalorError, TwilioRestException) as problem:
        verdict, seen = UNSEEN, str(problem)
    return FactOutcome(fact=fact.name, documented=fact.documented, observed=seen, verdict=verdict)


def _make_lab(settings: Settings, ours: str, other: str, url: str, speed: float) -> Lab:
    from twilio.rest import Client

    from ivr.cli.twilio.probe.lab import Lab
    from ivr.telephony.client import JOB_TIMEOUT_SECONDS
    from ivr.telephony.http import TwilioHttpClient

    token = settings.twilio_auth_token.get_secret_value()
    client = Client(
        settings.twilio_account_sid,
        token,
        http_client=TwilioHttpClient(api_url=settings.twilio_api_url, timeout_seconds=JOB_TIMEOUT_SECONDS),
    )
    api = client.api.v2010.account
    own = [n.phone_number for n in api.incoming_phone_numbers.list(limit=100)]
    ours = ours or next((n for n in own if n != other), "")
    other = other or next((n for n in own if n != ours), "")
    if not ours or not other:
        raise CalorError(f"It takes two numbers; the account has {', '.join(own) or 'none'}.")
    return Lab(api=api, ours=ours, other=other, url=url.rstrip("/"), token=token, speed=speed)
