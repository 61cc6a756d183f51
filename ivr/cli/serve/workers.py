"""`ivr worker` and `ivr scheduler`: the processes that keep what was promised."""

from __future__ import annotations

import click

from ivr import logs
from ivr.cli.serve.signals import exit_on_signals
from ivr.settings import load

QUEUES = ("offers", "callbacks", "messages", "photos")


@click.command()
@click.argument("queue", type=click.Choice(QUEUES))
def worker(queue: str) -> None:
    """Work on one queue: offers (people on the line now), callbacks, messages or photos."""
    settings = load()
    logs.setup(settings.log)
    exit_on_signals()
    from ivr.cli.serve.redis_ready import wait_until_fit, when_reached
    from ivr.jobs import PATIENCE, prepare, work
    from ivr.store.server.connection import connect

    wait_until_fit(settings)
    when_reached(prepare)
    work(connect(settings.redis_url, patience=PATIENCE, decode=False), queue)


@click.command("scheduler")
def clock() -> None:
    """Run due callbacks, retries and timeouts. Any number may run."""
    settings = load()
    logs.setup(settings.log)
    exit_on_signals()
    from ivr.cli.serve.redis_ready import wait_until_fit, when_reached
    from ivr.services import build
    from ivr.usecases.scheduler.run import run

    wait_until_fit(settings)
    run(when_reached(lambda: build(settings, jobs=True)))
