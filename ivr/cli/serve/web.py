"""`ivr web`: the command alone. Gevent must be there before anything that it replaces, so nothing is imported up here."""

from __future__ import annotations

import click

from ivr.cli.serve.signals import exit_on_signals


@click.command()
def web() -> None:
    """Serve webhooks and pages on IVR_PORT, or on PORT of a platform."""
    from gevent import monkey

    monkey.patch_all()
    exit_on_signals()
    from ivr.cli.serve import gunicorn_app

    gunicorn_app.run()
