"""What the webhook bar is measured against: the same server, in the same configuration, around a Flask app that says hello."""

from __future__ import annotations

from typing import Any

from flask import Flask


def create_app() -> Flask:
    app = Flask(__name__)

    @app.post("/hello")
    def hello() -> str:
        return "hello"

    return app


def main() -> None:
    from gevent import monkey

    monkey.patch_all()
    from gunicorn.app.base import BaseApplication  # type: ignore[import-untyped]
    from gunicorn.util import import_app  # type: ignore[import-untyped]

    from ivr import logs
    from ivr.cli.serve.gunicorn_app import make_options
    from ivr.settings import load_settings

    settings = load_settings()
    logs.set_up_logging(settings.log_format)

    class Server(BaseApplication):  # type: ignore[misc] # gunicorn has no types
        def load_config(self) -> None:
            for name, value in make_options(settings).items():
                self.cfg.set(name, value)
            self.cfg.set(
                "child_exit", lambda _server, _worker: None
            )  # it counts nothing, so it has nothing to forget

        def load(self) -> Any:
            return import_app("tests.bench.hello:create_app()")

    Server().run()


if __name__ == "__main__":
    main()
