"""`ivr agents`, `customers` and `audit` as an operator types them."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from ivr.cli.actor import login_name
from ivr.cli.demo.stage import Stage
from ivr.domain.records.customer import Customer
from ivr.settings.load import read_environment
from ivr.usecases.customers import profile as customer_profile
from ivr.usecases.staff.sign_in import Credentials, SignInAccepted, WrongCredentials, check_credentials
from tests.cli.typed import Done, typed

Ivr = Callable[..., Done]


@pytest.fixture
def ivr(stage: Stage) -> Ivr:
    env = {**read_environment(), **stage.env}
    return lambda *argv, stdin="": typed(argv, env, Path.cwd(), stdin)


def test_who_asked_not_to_be_called_is_written_down_and_taken_back(ivr: Ivr) -> None:
    assert "is not called any more" in ivr("customers", "do-not-call", "+12025550155").stdout
    assert json.loads(ivr("customers", "show", "+12025550155").stdout)["no_calls"] is True
    assert "may be called again" in ivr("customers", "do-not-call", "+12025550155", "--remove").stdout
    assert json.loads(ivr("customers", "show", "+12025550155").stdout)["no_calls"] is False


def test_an_agent_is_added_listed_set_available_and_removed(ivr: Ivr) -> None:
    added = ivr(
        "agents",
        "add",
        "Diane",
        "--phone",
        "+12025550111",
        "--skills",
        "support,billing",
        "--languages",
        "en,es",
    )
    assert (added.returncode, "extension 101" in added.stdout) == (0, True), added.stderr
    assert "Diane is available." in ivr("agents", "state", "diane", "available").stdout
    (row,) = json.loads(ivr("agents", "list", "--json").stdout)
    assert (row["name"], row["state"], row["skills"]) == ("Diane", "available", ["support", "billing"])
    assert ivr("agents", "remove", "Diane").returncode == 0
    assert json.loads(ivr("agents", "list", "--json").stdout) == []


def test_a_wrong_number_and_an_unknown_name_are_told_with_what_would_be_right(ivr: Ivr) -> None:
    wrong = ivr("agents", "add", "Diane", "--phone", "555-0111")
    assert (wrong.returncode, "E.164" in wrong.stderr) == (1, True)
    wrong = ivr("agents", "add", "Diane", "--phone", "+12025550111", "--languages", "en,english")
    assert (wrong.returncode, '"english" is no language' in wrong.stderr) == (2, True)
    ivr("agents", "add", "Diane", "--phone", "+12025550111")
    unknown = ivr("agents", "state", "Daine", "available")
    assert unknown.returncode == 2
    assert "Nobody is called Daine. There are: Diane." in unknown.stderr


def test_what_to_mind_is_written_with_who_wrote_it_and_shown(ivr: Ivr) -> None:
    assert ivr("customers", "name", "+12025550155", "Lori Miller").returncode == 0
    assert (
        "cannot fax (Diane)"
        in ivr("customers", "important-note", "+12025550155", "cannot fax", "--by", "Diane").stdout
    )
    shown = json.loads(ivr("customers", "show", "+12025550155").stdout)
    assert (shown["name"], shown["stored_needs"]) == ("Lori Miller", ["cannot fax (Diane)"])
    nobody = ivr("customers", "show", "+12025550199")
    assert (nobody.returncode, "Nobody has called from" in nobody.stderr) == (2, True)


def test_the_audit_of_a_clean_record_exits_with_zero(ivr: Ivr) -> None:
    clean = ivr("check")
    assert (clean.returncode, "every invariant held." in clean.stdout) == (0, True), clean.stdout
    assert json.loads(ivr("check", "--json").stdout)["violations"] == []


def test_the_first_admin_is_made_at_a_terminal_and_needs_no_telephone(ivr: Ivr, stage: Stage) -> None:
    made = ivr("agents", "add", "Ada", "--email", "Ada@Example.com", "--admin")
    assert made.returncode == 0, made.stderr
    assert "Ada signs in with ada@example.com, as admin." in made.stdout
    assert "ivr agents password ada" in made.stderr
    (row,) = json.loads(ivr("agents", "list", "--json").stdout)
    assert row == {"name": "Ada", "email": "ada@example.com", "role": "admin", "has_password": False}
    assert "no password yet" in ivr("agents", "list").stdout
    set_ = ivr("agents", "password", "Ada", stdin="four words make one\n")
    assert (set_.returncode, "has a new password" in set_.stdout) == (0, True), set_.stderr
    assert "four words" not in set_.stdout + set_.stderr
    given = Credentials(email="ada@example.com", password="four words make one", ip_address="192.0.2.1")
    assert isinstance(check_credentials(stage.services, given), SignInAccepted)
    assert ivr("agents", "state", "Ada", "available").returncode == 2
    assert ivr("agents", "remove", "Ada").returncode == 0
    assert json.loads(ivr("agents", "list", "--json").stdout) == []
    assert isinstance(check_credentials(stage.services, given), WrongCredentials)


def test_a_password_that_will_not_do_is_refused_with_what_would(ivr: Ivr) -> None:
    ivr("agents", "add", "Ada", "--email", "ada@example.com", "--ops")
    short = ivr("agents", "password", "Ada", stdin="short\n")
    assert (short.returncode, "12 characters" in short.stderr) == (2, True)
    nobody = ivr("agents", "password", "Adda", stdin="four words make one\n")
    assert (nobody.returncode, "There are: Ada." in nobody.stderr) == (2, True)
    assert "is no e-mail address" in ivr("agents", "add", "Bo", "--email", "bo at home").stderr
    assert "belongs to ada" in ivr("agents", "add", "Bo", "--email", "ada@example.com").stderr
    assert "Say --phone, --email or both." in ivr("agents", "add", "Bo").stderr


def test_an_account_is_that_of_the_agent_with_the_same_name(ivr: Ivr) -> None:
    ivr("agents", "add", "Diane", "--phone", "+12025550111", "--email", "d@example.com", "--supervisor")
    (row,) = json.loads(ivr("agents", "list", "--json").stdout)
    assert (row["supervisor"], row["role"], row["phone"]) == (True, "supervisor", "+12025550111")
    ivr("agents", "add", "Diane", "--phone", "+12025550112")  # as she is told now: not a supervisor any more
    (row,) = json.loads(ivr("agents", "list", "--json").stdout)
    assert (row["supervisor"], row["role"], row["phone"]) == (False, "agent", "+12025550112")
    assert row["email"] == "d@example.com"


def test_who_did_what_is_told(ivr: Ivr) -> None:
    ivr("agents", "add", "Diane", "--phone", "+12025550111", "--email", "d@example.com")
    ivr("agents", "password", "Diane", stdin="four words make one\n")
    ivr("agents", "state", "Diane", "away", "--why", "lunch")
    ivr("agents", "sign-out", "Diane")
    ivr("customers", "do-not-call", "+12025550155")
    ivr("agents", "remove", "Diane")
    told = [json.loads(line) for line in ivr("audit-log", "--json").stdout.splitlines()]
    assert [t["did"] for t in told] == [
        "account added",
        "agent added",
        "password set",
        "agent state",
        "signed out everywhere",
        "customer edited",
        "agent removed",
        "account removed",
    ]
    assert {(t["by"], t["where"]) for t in told} == {(login_name(), "terminal")}
    assert (told[3]["state"], told[3]["why"], told[5]["what"]) == ("away", "lunch", "no calls")
    assert "+1" not in str(told)
    assert ivr("audit-log", "--by", "somebody_else").stdout == ""
    assert "agent state" in ivr("audit-log", "--by", login_name()).stdout


def test_a_person_is_forgotten_after_a_list_of_what_goes_and_a_yes(ivr: Ivr, stage: Stage) -> None:
    customer_profile.set_name(stage.services, "+12025550155", "Lori Miller")
    listed = ivr("erase", "+12025550155")
    assert "1  customers" in listed.stderr
    assert (listed.returncode, "Add --yes" in listed.stderr) == (2, True), "nobody is here to say yes"
    assert customer_profile.get_customer(stage.services, "+12025550155").name == "Lori Miller"
    done = ivr("erase", "+12025550155", "--yes", "--json")
    told = json.loads(done.stdout)
    assert (done.returncode, told["done"], told["erased"]) == (0, True, {"customers": 1}), done.stderr
    assert stage.services.store.get(Customer, "+12025550155") is None


def test_what_cannot_be_forgotten_is_said_with_what_to_do(ivr: Ivr) -> None:
    wrong = ivr("erase", "555-0155", "--yes")
    assert (wrong.returncode, "E.164" in wrong.stderr) == (2, True)
    assert "Say one of NUMBER and --expired" in ivr("erase", "+12025550155", "--expired").stderr
    assert "Nothing is too old." in ivr("erase", "--expired", "--dry-run").stdout
