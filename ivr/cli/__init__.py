"""The `ivr` command. Each group is a file; it is imported when it is called, so that every command starts fast."""

from __future__ import annotations

import sys
from importlib import import_module, metadata
from importlib.util import find_spec

import click

from ivr.domain.errors import CalorError

COMMANDS = {
    "demo": "ivr.cli.demo:demo",
    "up": "ivr.cli.up:up",
    "web": "ivr.cli.web:web",
    "worker": "ivr.cli.workers:worker",
    "clock": "ivr.cli.workers:clock",
    "redis": "ivr.cli.embedded:redis",
    "emulate": "ivr.cli.emulate:emulate",
    "doctor": "ivr.cli.doctor:doctor",
    "twilio": "ivr.cli.twilio:twilio",
    "flows": "ivr.cli.flows:flows",
    "emergency": "ivr.cli.emergency:emergency",
    "agents": "ivr.cli.agents:agents",
    "customers": "ivr.cli.customers:customers",
    "promises": "ivr.cli.promises:promises",
    "report": "ivr.cli.report:report",
    "forget": "ivr.cli.forget:forget",
    "audit": "ivr.cli.audit:audit",
    "backup": "ivr.cli.backup:backup",
    "restore": "ivr.cli.backup:restore",
    "quarantine": "ivr.cli.quarantine:quarantine",
    "journal": "ivr.cli.journal:journal",
}


class _Late(click.Group):
    def list_commands(self, ctx: click.Context) -> list[str]:
        del ctx
        return [name for name, where in COMMANDS.items() if find_spec(where.partition(":")[0])]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in self.list_commands(ctx):
            return None
        module, _, attribute = COMMANDS[cmd_name].partition(":")
        command: click.Command = getattr(import_module(module), attribute)
        return command


@click.group(cls=_Late, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(metadata.version("calor"), prog_name="calor")
def cli() -> None:
    """Calor: a phone line that reaches a person. Begin with `ivr demo`; `ivr doctor` says what a real line still needs."""


def main() -> None:
    """The entry point. What an operator can put right is said in words, without a traceback; exit code 2."""
    try:
        cli()
    except CalorError as e:
        click.echo(str(e), err=True)
        sys.exit(2)
