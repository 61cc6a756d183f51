"""`ivr flows replay` on a record with calls in it, as somebody at a terminal reads it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from ivr.cli.serve.embedded_redis import EmbeddedRedis
from ivr.domain.records.contact import Contact, ContactState
from ivr.domain.records.contact_parts import Caller, FlowProgress
from ivr.store.change import Change
from ivr.store.server.connection import connect
from ivr.store.store import Store
from tests.cli.conftest import Run

FLOW = """flow: main
lines: ["*"]
languages: [en]
person: support
steps:
  ask: {menu: ask, options: {1: {words: [bookings], next: bookings}, 2: {next: support}}}
  bookings: {queue: bookings}
  support: {queue: support}
"""


@pytest.fixture
def env(record: EmbeddedRedis, tmp_path: Path) -> dict[str, str]:
    """Three calls of today: two for bookings, one that hung up at once."""
    for name in ("flows", "draft"):
        (tmp_path / name / "prompts").mkdir(parents=True)
        (tmp_path / name / "main.yaml").write_text(FLOW)
        (tmp_path / name / "queues.yaml").write_text("support: {}\nbookings: {}\n")
        (tmp_path / name / "prompts" / "en.yaml").write_text('ask: "Bookings: press 1."\n')
    store = Store(connect(record.url))
    store.clock.sync()
    now = store.clock.now()
    change = Change(now=now)
    for n, path in enumerate(("ask=1", "ask=words:1", "")):
        told = Contact(
            id=f"c{n}",
            state=ContactState.ENDED,
            started_at=now - 60,
            caller=Caller(called_number="+12025550100", number=f"+1202555015{n}"),
            flow_progress=FlowProgress(path=path),
        )
        change.put(None, told)
    assert store.commit(change)
    return {
        "TWILIO_ACCOUNT_SID": "AC" + "0" * 32,
        "TWILIO_AUTH_TOKEN": "0",
        "PUBLIC_URL": "https://line.example.com",
        "REDIS_URL": record.url,
    }


def test_who_goes_elsewhere_is_told_with_the_call(ivr: Run, env: dict[str, str], tmp_path: Path) -> None:
    draft = tmp_path / "draft" / "main.yaml"
    draft.write_text(FLOW.replace("{queue: bookings}", "{queue: support}"))
    told = ivr("flows", "replay", str(tmp_path / "draft"), "--since", "12h", **env)
    assert told.returncode == 0, told.stderr
    assert "2 calls of the last 12h: 0 go as they did." in told.stdout
    assert "1 more hung up before they did anything" in told.stdout
    assert "2  person bookings -> person support" in told.stdout
    assert "c0  " in told.stdout
    found = json.loads(ivr("flows", "replay", str(tmp_path / "draft"), "--json", **env).stdout)
    assert (found["compared"], found["elsewhere"], len(found["calls"])) == (2, 2, 2)
    assert "+1202" not in json.dumps(found["calls"]).replace("+12025550100", ""), "nobody's number"


def test_the_same_flows_change_nothing_and_a_fault_is_told(
    ivr: Run, env: dict[str, str], tmp_path: Path
) -> None:
    assert "2 go as they did" in ivr("flows", "replay", str(tmp_path / "draft"), **env).stdout
    assert ivr("flows", "replay", str(tmp_path / "draft"), "--since", "soon", **env).returncode == 2
    (tmp_path / "draft" / "main.yaml").write_text(FLOW.replace("next: support}", "next: suport}"))
    refused = ivr("flows", "replay", str(tmp_path / "draft"), **env)
    assert refused.returncode == 1
    assert 'Did you mean "support"?' in refused.stderr
    assert ivr("flows", "replay", "nosuch", **env).returncode == 2
