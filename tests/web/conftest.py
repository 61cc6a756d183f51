from __future__ import annotations

import contextlib
import logging
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flask import Flask
from prometheus_client import REGISTRY

from ivr import logs
from ivr.cli.demo.stage import Stage
from ivr.domain.errors import Unavailable
from ivr.services import Services
from ivr.web import create_app
from tests.usecases.conftest import at_rest, still
from tests.web.browser import Browser
from tests.web.inside import Inside
from tests.web.webhooks.twilio import Twilio

__all__ = ["at_rest", "still"]  # a record with nobody at work on it


@pytest.fixture
def twilio(running: Stage) -> Twilio:
    return Twilio(settings=running.settings)


@pytest.fixture
def inside(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Inside]]:
    """The app in this process, on the stage's record, with settings of its own. `queues`: lines for each queue."""
    made: list[Inside] = []

    def app(**extra: str) -> Inside:
        for name, value in {**stage.env, **extra}.items():
            monkeypatch.setenv(name, value)
        app = create_app()
        made.append(Inside(settings=app.extensions["settings"], client=app.test_client()))
        return made[-1]

    yield app
    for one in made:
        with contextlib.suppress(Unavailable):  # one that was given no Redis has no connections
            redis = one.client.application.extensions["services"]().store.redis
            redis.close()
            redis.connection_pool.disconnect()
    logs.set_up_logging("text")


@pytest.fixture
def small_line(tmp_path: Path) -> str:
    """Flows whose queues take two callers."""
    shutil.copytree("flows", tmp_path / "flows")
    queues = tmp_path / "flows" / "queues.yaml"
    queues.write_text(queues.read_text().replace("max_waiting: 500", "max_waiting: 2"))
    return str(tmp_path / "flows")


@pytest.fixture(scope="session")
def apps(at_rest: dict[str, str]) -> Iterator[dict[str, Flask]]:
    """Each is made once: to read its flows takes longer than most tests. What it knows is in the record."""
    made: dict[str, Flask] = {}
    yield made
    for one in made.values():
        one.extensions["hub"].close()
        with contextlib.suppress(Unavailable):
            redis = one.extensions["services"]().store.redis
            redis.close()
            redis.connection_pool.disconnect()
    logs.set_up_logging("text")


@pytest.fixture
def staff_app(
    at_rest: dict[str, str], apps: dict[str, Flask], still: Services, monkeypatch: pytest.MonkeyPatch
) -> Callable[..., Flask]:
    """The app on the record at rest, with settings of its own."""

    def app(**extra: str) -> Flask:
        name = str(sorted(extra.items()))
        if name not in apps:
            for variable, value in {**at_rest, **extra}.items():
                monkeypatch.setenv(variable, value)
            apps[name] = create_app()
        return apps[name]

    return app


@pytest.fixture
def browse(staff_app: Callable[..., Flask]) -> Callable[[], Browser]:
    """Browsers on one app."""
    app = staff_app()
    return lambda: Browser(app=app)


@pytest.fixture
def line(inside: Callable[..., Inside], caplog: pytest.LogCaptureFixture) -> Inside:
    app = inside(IVR_UNVERIFIED_CALLBACKS_PER_HOUR="20")
    caplog.set_level(logging.ERROR)  # pytest keeps what is logged, thousands of refusals too
    return app


@pytest.fixture
def nothing_failed() -> Iterator[None]:
    """However hostile, it was foreseen: no use case has raised."""
    before = _count_failed()
    yield
    assert _count_failed() == before


def _count_failed() -> float:
    found = (m for m in REGISTRY.collect() if m.name == "calor_webhooks_failed")
    return sum(
        s.value for m in found for s in m.samples if s.name.endswith("_total") and s.labels["endpoint"]
    )
