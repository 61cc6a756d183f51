"""`ivr worker` and `ivr scheduler`: the processes that keep what was promised."""

from __future__ import annotations

import click

from ivr import logs
from ivr.cli.serve.signals import exit_on_signals
from ivr.settings import load_settings

QUEUES = ("offers", "callbacks", "messages", "photos")


@click.command()
@click.argument("queue", type=click.Choice(QUEUES))
def worker(queue: str) -> None:
    """Work on one queue: offers (people on the line now), callbacks, messages or photos."""
    settings = load_settings()
    logs.set_up_logging(settings.log_format)
    exit_on_signals()
    from ivr.cli.serve.redis_ready import retry_until_reached, wait_until_fit
    from ivr.jobs import REDIS_TIMEOUT_SECONDS, load_job_modules, serve_queue
    from ivr.store.server.connection import connect

    wait_until_fit(settings)
    retry_until_reached(load_job_modules)
    serve_queue(
        connect(settings.redis_url, timeout_seconds=REDIS_TIMEOUT_SECONDS, decode_responses=False), queue
    )


@click.command("scheduler")
def scheduler() -> None:
    """Run due callbacks, retries and timeouts. Any number may run."""
    settings = load_settings()
    logs.set_up_logging(settings.log_format)
    exit_on_signals()
    from ivr.cli.serve.redis_ready import retry_until_reached, wait_until_fit
    from ivr.services import build_services
    from ivr.usecases.scheduler.run import run

    wait_until_fit(settings)
    run(retry_until_reached(lambda: build_services(settings, for_worker=True)))
