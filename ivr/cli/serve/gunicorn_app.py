"""Gunicorn around the app, with gevent: a webhook mostly waits for Redis. Imported by `ivr web` after gevent."""

from __future__ import annotations

import os
import tempfile
from importlib import import_module
from pathlib import Path
from typing import Any

import structlog

from ivr import logs
from ivr.cli.serve.redis_ready import check_fitness
from ivr.domain.errors import Unavailable
from ivr.flow.checker.check import refuse_traps
from ivr.settings import Settings, load_settings

APP_FACTORY = "ivr.web:create_app()"


def make_options(settings: Settings) -> dict[str, Any]:
    """Gunicorn's settings."""
    return {
        "bind": settings.listen_address,
        "workers": settings.web_workers,
        "worker_class": "gevent",
        "worker_connections": 4000,  # open pages hold 3000 of them at most (web/staff/live/hub.py): the rest is for webhooks
        "preload_app": False,  # gevent must be there before the app is
        "keepalive": 75,  # seconds: longer than any proxy's before us, so that it is never we who close first
        "timeout": 30,  # seconds without a sign of life, then the worker is replaced
        "graceful_timeout": 10,
        "worker_tmp_dir": _memory_folder(),  # a slow disk is no sign of death
        "control_socket_disable": True,
        "logger_class": _make_logger_class(),
        "accesslog": None,  # addresses carry what callers pressed
        "errorlog": "-",
        "logconfig_dict": {
            "root": {"level": "INFO", "handlers": []},
            "loggers": {"gunicorn.error": {"level": "INFO", "handlers": [], "propagate": True}},
            "handlers": {},
            "formatters": {},
        },
        "post_worker_init": _close_pages_at_exit,
        "child_exit": _forget_worker,
        "on_starting": lambda _arbiter: logs.set_up_logging(settings.log_format),
    }


def _make_logger_class() -> type[Any]:
    from gunicorn.glogging import Logger  # type: ignore[import-untyped]

    class Quiet(Logger):  # type: ignore[misc] # gunicorn has no types
        """No access log: with `logconfig_dict` gunicorn makes each record before it finds that nobody wants it."""

        def access(self, *_: Any) -> None:
            return

    return Quiet


def run() -> None:
    """Until told to stop. Raises BadSetting and FlowFaults in words; that the record is away is no reason not to start (I9)."""
    settings = load_settings()
    logs.set_up_logging(settings.log_format)
    try:
        check_fitness(settings)
    except Unavailable as e:
        structlog.get_logger(__name__).error("redis_unavailable", error=str(e))
    with tempfile.TemporaryDirectory(prefix="calor-", dir=_memory_folder()) as figures:
        # read by prometheus_client when it is imported, as it is with the services: the figures of all workers are one
        os.environ["PROMETHEUS_MULTIPROC_DIR"] = figures
        from ivr.services import load_library

        refuse_traps(load_library(settings))
        _serve(settings)


def _serve(settings: Settings) -> None:
    from gunicorn.app.base import BaseApplication  # type: ignore[import-untyped]
    from gunicorn.util import import_app  # type: ignore[import-untyped]

    # once for all workers, which are forks: one that is replaced is back a second sooner
    import_module(APP_FACTORY.partition(":")[0])

    class Server(BaseApplication):  # type: ignore[misc] # gunicorn has no types
        def load_config(self) -> None:
            for name, value in make_options(settings).items():
                self.cfg.set(name, value)

        def load(self) -> Any:
            return import_app(APP_FACTORY)

    Server().run()


def _memory_folder() -> str | None:
    """A folder that is no slow disk, if there is one; private folders are made in it."""
    memory = Path("/dev/shm")  # noqa: S108
    return str(memory) if memory.is_dir() else None


def _close_pages_at_exit(worker: Any) -> None:
    """A worker that is to end lets go of its open pages, which would hold it for as long as it may take."""
    import gevent

    def watch() -> None:
        while worker.alive:
            gevent.sleep(0.25)
        worker.wsgi.extensions["hub"].close()

    gevent.spawn(watch)


def _forget_worker(_server: object, worker: Any) -> None:
    from prometheus_client.multiprocess import mark_process_dead

    mark_process_dead(worker.pid)  # type: ignore[no-untyped-call]
