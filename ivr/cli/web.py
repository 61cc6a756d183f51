"""`ivr web`: the command alone. Gevent must be there before anything that it replaces, so nothing is imported up here."""

from __future__ import annotations

import click


@click.command()
def web() -> None:
    """Serve webhooks and pages on IVR_PORT."""
    from gevent import monkey

    monkey.patch_all()
    from ivr.cli import server

    server.run()
