"""`ivr doctor` and `ivr twilio` against an emulated account and a real record."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ivr.cli.serve.embedded_redis import EmbeddedRedis
from ivr.telephony.client import Telephony
from ivr.telephony.facts import Webhooks
from tests.cli.conftest import Run
from tests.lookup.system import system
from tests.telephony.emulated import LINE, SID, TOKEN, fresh

FLOW = f"""
flow: main
lines: ["{LINE}"]
languages: [en]
person: support
steps:
  support: {{queue: support}}
"""
BIN = "https://handler.twilio.com/twiml/EH1"


@pytest.fixture
def env(twilio: str, record: EmbeddedRedis, tmp_path: Path) -> dict[str, str]:
    fresh(twilio)
    (tmp_path / "flows").mkdir()
    (tmp_path / "flows" / "main.yaml").write_text(FLOW)
    (tmp_path / "flows" / "queues.yaml").write_text("support: {attempts: [5]}")
    return {
        "TWILIO_ACCOUNT_SID": SID,
        "TWILIO_AUTH_TOKEN": TOKEN,
        "TWILIO_API_URL": twilio,
        "PUBLIC_URL": "https://line.example.com",
        "REDIS_URL": record.url,
        "IVR_FALLBACK_NUMBERS": "+12025550171,+12025550172",
    }


@pytest.fixture
def account(twilio: str, env: dict[str, str]) -> Telephony:
    """With our line among its numbers."""
    del env
    telephony = Telephony(account_sid=SID, auth_token=TOKEN, api_url=twilio)
    telephony._api.incoming_phone_numbers.create(phone_number=LINE)  # noqa: SLF001 - buying is no business of ours
    return telephony


Findings = Callable[..., dict[str, list[dict[str, Any]]]]


@pytest.fixture
def findings(ivr: Run, env: dict[str, str]) -> Findings:
    """The findings of `ivr doctor` by what they are about."""

    def run(**more: str) -> dict[str, list[dict[str, Any]]]:
        done = ivr("doctor", "--json", **env | more)
        found: dict[str, list[dict[str, Any]]] = {}
        for finding in json.loads(done.stdout):
            found.setdefault(finding["what"], []).append(finding)
        wrong = any(f["level"] == "wrong" for group in found.values() for f in group)
        assert done.returncode == (1 if wrong else 0)
        return found

    return run


@pytest.mark.usefixtures("account")
def test_a_new_number_is_set_up_and_then_all_is_well(
    ivr: Run, env: dict[str, str], findings: Findings
) -> None:
    assert [f["says"].split()[0] for f in findings()[LINE] if f["level"] == "wrong"] == [
        "VoiceUrl",
        "VoiceFallbackUrl",
        "StatusCallback",
        "SmsUrl",
    ]
    done = ivr("twilio", "setup", "--fallback", BIN, **env)
    assert done.returncode == 0
    assert f"{LINE}  VoiceFallbackUrl: nothing -> {BIN}" in done.stdout
    (nobody,) = findings()["queues"]
    assert nobody["level"] == "mind"
    diane = ("agents", "add", "Diane", "--phone", "+12025550111", "--skills", "support", "--languages", "en")
    assert ivr(*diane, **env).returncode == 0
    assert [f["level"] for group in findings().values() for f in group if f["level"] != "ok"] == []
    assert ivr("twilio", "setup", **env).stdout == f"{LINE}  as it should be\n"


def test_a_dry_run_changes_nothing(ivr: Run, env: dict[str, str], account: Telephony) -> None:
    assert "VoiceUrl: nothing ->" in ivr("twilio", "setup", "--dry-run", **env).stdout
    assert account.list_numbers()[0].webhooks == Webhooks()


@pytest.mark.usefixtures("account")
def test_a_fallback_that_falls_with_us_is_pointed_out(
    ivr: Run, env: dict[str, str], findings: Findings
) -> None:
    ivr("twilio", "setup", **env)
    (mind,) = [f for f in findings()[LINE] if f["level"] == "mind"]
    assert "same host" in mind["says"]
    assert "ivr twilio fallback" in mind["fix"]


def test_a_line_that_is_not_ours_is_wrong(ivr: Run, env: dict[str, str], findings: Findings) -> None:
    assert findings()[LINE][0]["says"] == "is not a number of this account"
    assert ivr("twilio", "setup", **env).returncode == 1


def test_a_wrong_token_is_named(findings: Findings) -> None:
    (finding,) = findings(TWILIO_AUTH_TOKEN="x" * 32)["account"]
    assert finding["level"] == "wrong"
    assert "20003" in finding["says"]
    assert "TWILIO_AUTH_TOKEN" in finding["fix"]


def test_a_record_that_is_away_is_wrong_and_the_rest_is_still_looked_at(
    findings: Findings, tmp_path: Path
) -> None:
    found = findings(REDIS_URL=f"unix://{tmp_path}/nobody.sock")
    assert found["record"][0]["level"] == "wrong"
    assert found["flows"][0]["level"] == "ok"
    assert found["account"][0]["level"] == "ok"


def test_a_fault_in_a_flow_is_named_with_its_place(findings: Findings, tmp_path: Path) -> None:
    (tmp_path / "flows" / "main.yaml").write_text(FLOW.replace("person: support", "person: suport"))
    assert "main.yaml" in findings()["flows"][0]["says"]


def test_a_queue_that_no_agent_can_serve_is_pointed_out(
    ivr: Run, env: dict[str, str], findings: Findings, tmp_path: Path
) -> None:
    (tmp_path / "flows" / "queues.yaml").write_text("support: {skills: [bags, bills]}")
    ivr("agents", "add", "Unserved Una", "--phone", "+12025550151", "--skills", "bags", **env)
    (found,) = findings()["queues"]
    told = 'no agent can serve the queue "support": nobody has all of bags, bills'
    assert (found["level"], found["says"]) == ("mind", told)
    ivr("agents", "add", "Unserved Ursula", "--phone", "+12025550152", "--skills", "bags,bills", **env)
    assert "queues" not in findings()


def test_a_broken_line_without_people_to_ring_is_pointed_out(findings: Findings) -> None:
    assert findings(IVR_FALLBACK_NUMBERS="")["fallback"][0]["level"] == "mind"


def test_missing_settings_are_all_named_and_secrets_are_not_shown(ivr: Run, env: dict[str, str]) -> None:
    without = {k: v for k, v in env.items() if k != "PUBLIC_URL"}
    done = ivr("doctor", **without)
    assert done.returncode == 1
    assert "wrong  PUBLIC_URL" in done.stdout
    assert TOKEN not in ivr("doctor", **env).stdout


def test_the_static_fallback_is_twiml_to_paste(ivr: Run, env: dict[str, str]) -> None:
    assert '<Dial timeout="15">+12025550171</Dial>' in ivr("twilio", "fallback", **env).stdout


def test_a_place_for_photos_that_cannot_be_used_is_wrong(findings: Findings, tmp_path: Path) -> None:
    (tmp_path / "photos").write_text("no folder")
    (found,) = findings(IVR_PHOTOS=str(tmp_path / "photos"))["photos"]
    assert found["level"] == "wrong"
    (found,) = findings(IVR_PHOTOS=str(tmp_path / "others"))["photos"]
    assert (found["level"], list((tmp_path / "others").iterdir())) == ("ok", [])


def test_an_api_key_for_browser_phones_is_tried(findings: Findings) -> None:
    (without,) = findings()["browser phones"]
    assert (without["level"], without["says"]) == ("ok", "none: agents answer on telephones")
    (wrong,) = findings(TWILIO_API_KEY_SID="SK" + "1" * 32, TWILIO_API_KEY_SECRET="no secret of theirs")[
        "browser phones"
    ]
    assert wrong["level"] == "wrong"
    assert "no secret of theirs" not in str(wrong)


TWO = "a: {lookup: 'http://SYSTEM/', next: b}\n  b: {lookup: 'http://127.0.0.1:1/', next: support}"


def test_a_system_that_flows_ask_is_reached_or_what_to_mend_is_said(
    ivr_process: Run, env: dict[str, str], findings: Findings, tmp_path: Path
) -> None:
    main = tmp_path / "flows" / "main.yaml"
    with system() as crm:
        main.write_text(FLOW.replace("steps:", f"steps:\n  {TWO.replace('SYSTEM', crm.name)}"))
        hosts = f"{crm.name},127.0.0.1:1"
        told = {"IVR_LOOKUP_HOSTS": hosts, "IVR_LOOKUP_SECRET": "a secret of thirty-two letters.."}
        found = findings(**told, IVR_LOOKUP_PRIVATE=hosts)
        away, there = found["lookup"]
        assert (away["level"], there["level"], crm.asked) == ("wrong", "ok", [])
        assert "takes no connection" in away["says"]
        assert "thirty-two" not in str(found)
    refused = ivr_process("web", **env)
    assert refused.returncode == 2
    assert f'main.yaml:7:15  "{crm.name}" is not a host that may be asked' in refused.stderr
    assert "Traceback" not in refused.stderr


def test_which_version_is_followed_is_told_and_that_the_files_are_another_draft(
    ivr: Run, env: dict[str, str], findings: Findings, tmp_path: Path
) -> None:
    flows = tmp_path / "flows"
    published = ivr("flows", "publish", "--folder", str(flows), "-m", "as we begin", **env)
    assert published.returncode == 0, published.stderr
    assert [f["level"] for f in findings()["flows"]] == ["ok", "ok"]
    (flows / "main.yaml").write_text(FLOW + "# a line more\n")
    mind = findings()["flows"][1]
    assert (mind["level"], "the files are another draft" in mind["says"]) == ("mind", True)
    assert ivr("flows", "pull", "--folder", str(flows), **env).returncode == 1
    assert ivr("flows", "pull", "--folder", str(flows), "--force", **env).returncode == 0
    assert [f["level"] for f in findings()["flows"]] == ["ok", "ok"]


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({}, "listens on 127.0.0.1:8000 (neither IVR_PORT nor PORT set; IVR_HOST not set)"),
        ({"PORT": "5000"}, "listens on 0.0.0.0:5000 (PORT set by the runner; IVR_HOST not set)"),
        (
            {"PORT": "5000", "IVR_PORT": "8001", "IVR_HOST": "::1"},
            "listens on [::1]:8001 (IVR_PORT set; IVR_HOST set)",
        ),
    ],
)
def test_it_says_where_the_web_server_listens_and_why(
    findings: Findings, given: dict[str, str], says: str
) -> None:
    assert [found["says"] for found in findings(**given)["web"]] == [says]
