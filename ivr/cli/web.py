"""`ivr web`: gunicorn around the app, with gevent: a webhook mostly waits for Redis."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

import click
import structlog

from ivr import logs
from ivr.domain.errors import BadSetting, Unavailable
from ivr.settings import Settings, load

APP = "ivr.web:create_app()"


def options(settings: Settings) -> dict[str, Any]:
    """Gunicorn's settings."""
    memory = Path("/dev/shm")  # noqa: S108 - gunicorn makes its own private file there
    return {
        "bind": f"{settings.host}:{settings.port}",
        "workers": settings.web_workers,
        "worker_class": "gevent",
        "worker_connections": 1000,
        "preload_app": False,  # gevent must be there before the app is
        "keepalive": 75,  # seconds: longer than any proxy's before us, so that it is never we who close first
        "timeout": 30,  # seconds without a sign of life, then the worker is replaced
        "graceful_timeout": 10,
        "worker_tmp_dir": str(memory) if memory.is_dir() else None,  # a slow disk is no sign of death
        "control_socket_disable": True,
        "accesslog": None,  # addresses carry what callers pressed
        "errorlog": "-",
        "logconfig_dict": {
            "root": {"level": "INFO", "handlers": []},
            "loggers": {"gunicorn.error": {"level": "INFO", "handlers": [], "propagate": True}},
            "handlers": {},
            "formatters": {},
        },
        "on_starting": lambda _arbiter: logs.setup(settings.log),
    }


@click.command()
def web() -> None:
    """Serve webhooks and pages on IVR_PORT."""
    settings = load()  # a wrong setting stops us here, in words
    logs.setup(settings.log)
    _look_at_record(settings)
    from gunicorn.app.base import BaseApplication  # type: ignore[import-untyped]
    from gunicorn.util import import_app  # type: ignore[import-untyped]

    class Server(BaseApplication):  # type: ignore[misc] # gunicorn has no types
        def load_config(self) -> None:
            for name, value in options(settings).items():
                self.cfg.set(name, value)

        def load(self) -> Any:
            return import_app(APP)

    Server().run()


def _look_at_record(settings: Settings) -> None:
    """Stop when promises could be lost in it. That it is away is no reason: callers are answered all the same (I9).

    In a process of its own: what it imports must not be here before gevent is.
    """
    child = os.fork()
    if child:
        _, status = os.waitpid(child, 0)
        if os.waitstatus_to_exitcode(status):
            sys.exit(2)
        return
    code = 1
    try:
        from ivr.cli.record import fit

        fit(settings)
        code = 0
    except Unavailable as e:
        structlog.get_logger(__name__).error("record_unavailable", error=str(e))
        code = 0
    except BadSetting as e:
        click.echo(str(e), err=True)
    finally:
        sys.stderr.flush()
        os._exit(code)
