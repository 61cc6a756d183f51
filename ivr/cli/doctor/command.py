"""`ivr doctor`: one line for each thing a working line needs, and the fix for each that is missing."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict

import click

from ivr.settings.env_example import format_env_example

COLORS = {"ok": "green", "mind": "yellow", "wrong": "red"}


@click.command()
@click.option("--json", "as_json", is_flag=True, help="One JSON list, for machines.")
@click.option("--env-example", "print_example", is_flag=True, help="Print `.env.example` and nothing else.")
def doctor(as_json: bool, print_example: bool) -> None:
    """Look at settings, record, flows and account. Exit code 1 when anything is wrong."""
    if print_example:
        click.echo(format_env_example(), nl=False)
        return
    from ivr.cli.doctor.checks import run_checks
    from ivr.cli.doctor.finding import FindingLevel

    found = []
    for finding in run_checks():
        found.append(finding)
        if not as_json:
            mark = click.style(f"{finding.level:<5}", fg=COLORS[finding.level])
            click.echo(f"{mark}  {finding.what:<28}  {finding.says}")
            if finding.fix:
                click.echo(f"{'':<37}{finding.fix}")
    if as_json:
        click.echo(json.dumps([asdict(f) for f in found], indent=1))
    if any(f.level is FindingLevel.ERROR for f in found):
        sys.exit(1)
