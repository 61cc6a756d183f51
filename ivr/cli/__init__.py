"""The `ivr` command. Each command is a file that is imported when it is called; `ivr --help` imports none."""

from __future__ import annotations

import sys
from importlib import import_module
from typing import NamedTuple

import click

from ivr.domain.errors import CalorError


class CommandInfo(NamedTuple):
    """`target`: "module:attribute". `help`: the first sentence of the command's own help, as a test makes sure."""

    target: str
    help: str


COMMANDS = {
    "demo": CommandInfo(
        "ivr.cli.demo.command:demo",
        "Play Lori's story on the real line, with scripted people on a local Twilio.",
    ),
    "up": CommandInfo(
        "ivr.cli.serve.up:up", "Run everything: record, web, workers and scheduler; restart what ends."
    ),
    "web": CommandInfo(
        "ivr.cli.serve.web:web", "Serve webhooks and pages on IVR_PORT, or on PORT of a platform."
    ),
    "worker": CommandInfo(
        "ivr.cli.serve.workers:worker",
        "Work on one queue: offers (people on the line now), callbacks, messages or photos.",
    ),
    "scheduler": CommandInfo("ivr.cli.serve.workers:scheduler", "Run due callbacks, retries and timeouts."),
    "redis": CommandInfo("ivr.cli.serve.embedded_redis:redis", "Run the embedded record, in the foreground."),
    "emulate": CommandInfo(
        "ivr.cli.twilio.emulate:emulate", "A Twilio on this machine: no account, no tunnel, no phone."
    ),
    "doctor": CommandInfo("ivr.cli.doctor.command:doctor", "Look at settings, record, flows and account."),
    "twilio": CommandInfo(
        "ivr.cli.twilio.command:twilio", "Set up the account's numbers; print what must run elsewhere."
    ),
    "flows": CommandInfo(
        "ivr.cli.flows.command:flows",
        "The call flows: check, draw, simulate, replay and publish them.",
    ),
    "announcements": CommandInfo(
        "ivr.cli.data.announcements:announcements",
        "A notice that is spoken before anything else; everyone who waits hears it and is offered a call instead.",
    ),
    "agents": CommandInfo(
        "ivr.cli.people.agents:agents",
        "The people who work here: add, list, state, password, sign-out, remove.",
    ),
    "customers": CommandInfo(
        "ivr.cli.people.customers:customers",
        "The people behind the numbers: show, name, important-note, shared, do-not-call.",
    ),
    "callbacks": CommandInfo(
        "ivr.cli.promises.command:callbacks",
        "What is owed: list, show, assign, reschedule, cancel, call-now.",
    ),
    "report": CommandInfo(
        "ivr.cli.data.report:report",
        "Service level, speed of answer, abandonment, promises kept, repeat calls, FCR, ratings, handle time, occupancy.",
    ),
    "erase": CommandInfo(
        "ivr.cli.data.erase:erase",
        "Erase a person: all that the line knows of whoever uses NUMBER, here and at Twilio.",
    ),
    "check": CommandInfo(
        "ivr.cli.data.integrity:check",
        "Check the event log and the records, each for itself, against what always holds.",
    ),
    "backup": CommandInfo(
        "ivr.cli.data.backup:backup",
        "Copy the record of REDIS_URL into a new FILE, while the line runs; or check one.",
    ),
    "restore": CommandInfo("ivr.cli.data.backup:restore", "Make a data folder of a backup."),
    "quarantine": CommandInfo(
        "ivr.cli.data.quarantine:quarantine",
        "After a restore: what happened meanwhile, and when callbacks go on.",
    ),
    "event-log": CommandInfo(
        "ivr.cli.data.event_log:event_log",
        "The event log of months that have ended, which `ivr scheduler` archives once a day: archive, check.",
    ),
    "audit-log": CommandInfo(
        "ivr.cli.data.event_log:audit_log", "What staff did, on a page or at a terminal."
    ),
}


class _LazyGroup(click.Group):
    def list_commands(self, ctx: click.Context) -> list[str]:
        del ctx
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        del ctx
        if cmd_name not in COMMANDS:
            return None
        module, _, attribute = COMMANDS[cmd_name].target.partition(":")
        command: click.Command = getattr(import_module(module), attribute)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the list from COMMANDS: click would import every command for its help, and cut that short."""
        del ctx
        with formatter.section("Commands"):
            formatter.write_dl([(name, listed.help) for name, listed in COMMANDS.items()])


@click.group(cls=_LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="calor", prog_name="calor")
def cli() -> None:
    """Calor: a phone line that reaches a person. Begin with `ivr demo`; `ivr doctor` says what a real line still needs."""


def main() -> None:
    """The entry point. What an operator can put right is said in words, without a traceback; exit code 2."""
    try:
        cli()
    except CalorError as e:
        click.echo(str(e), err=True)
        sys.exit(2)
