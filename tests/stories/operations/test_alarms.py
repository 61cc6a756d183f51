"""A record that stops being safe while the line runs: people hear of it, once an hour, and calls go on."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from ivr.cli.demo.stage import Stage
from ivr.domain.records.contact import ContactState
from tests.stories.operations.breakable import broken
from tests.stories.people import BOSS, LORI, contacts, listen, pause, press, texts_to
from tests.web.webhooks.twilio import Twilio

__all__ = ["broken"]


@pytest.fixture
def stage(broken: Stage) -> Stage:
    """With a supervisor at work, and a caller in line: it is known from which number staff are texted."""
    broken.add_agent("Boss", BOSS, [], supervisor=True)
    broken.services.store.redis.hset("agent:boss", "skills", "[]")
    broken.call_line(LORI, [listen("press"), press("0"), pause(20000)])
    assert broken.play(60, until=lambda: any(c.state is ContactState.WAITING for c in contacts(broken)))
    return broken


@contextmanager
def set_otherwise(stage: Stage, name: str, value: str) -> Iterator[None]:
    redis = stage.services.store.redis
    before = str(redis.config_get(name)[name])
    redis.config_set(name, value)
    try:
        yield
    finally:
        redis.config_set(name, before)


def alarms(stage: Stage) -> list[str]:
    return [t for t in texts_to(stage, BOSS) if "the line needs you" in t]


def test_memory_that_is_full_is_told_once_an_hour_and_when_it_is_over_no_more(stage: Stage) -> None:
    twilio = Twilio(settings=stage.settings)
    with set_otherwise(stage, "maxmemory", "1mb"):
        assert stage.play(60, until=lambda: bool(alarms(stage)))
        assert "% of its memory in use" in alarms(stage)[0]
        ready = twilio.get("/ready")
        assert ready.status == 200, "calls are taken; what is owed already is kept"
        assert [a["name"] for a in json.loads(ready.body)["alarms"]] == ["memory"]
        assert twilio.counted("calor_alarm", name="memory") == 1
        stage.play(300)
        assert len(alarms(stage)) == 1
        told = stage.services.store.redis
        told.eval(
            "#!lua flags=allow-oom\nreturn redis.call('SET', KEYS[1], ARGV[1])",
            1,
            "alarm:memory",
            stage.now - 3600,
        )
        assert stage.play(60, until=lambda: len(alarms(stage)) == 2)
    stage.play(60)
    assert json.loads(twilio.get("/ready").body)["alarms"] == []
    log = Path(stage.out.name).read_text()
    assert "alarm_over" in log


def test_a_record_that_is_set_otherwise_under_us_makes_the_line_unready_and_says_why(stage: Stage) -> None:
    twilio = Twilio(settings=stage.settings)
    with set_otherwise(stage, "appendfsync", "everysec"):
        assert stage.play(60, until=lambda: bool(alarms(stage)))
        ready = twilio.get("/ready")
        assert ready.status == 503
        assert "can lose its last second" in json.loads(ready.body)["why"]
        assert twilio.counted("calor_alarm", name="sync") == 2
    assert twilio.get("/ready").status == 200
