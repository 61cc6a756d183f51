"""What the demo gives its viewer: a sign-in for each role, and one line that points `ivr` at it."""

from __future__ import annotations

import json
import stat
import subprocess
from copy import copy
from pathlib import Path

from ivr.cli.demo.access import create_sign_ins, make_shell_command, write_env_file
from ivr.cli.demo.stage import Stage
from ivr.domain.records.account import Account, Role
from ivr.usecases.staff.sign_in import Credentials, SignInAccepted, check_credentials
from tests.cli.conftest import alone


def test_each_role_signs_in_with_what_is_printed(stage: Stage) -> None:
    found = {}
    for one in create_sign_ins(stage.services):
        role, email, password = str(one).split()
        given = Credentials(email=email, password=password, ip_address="192.0.2.1")
        assert isinstance(check_credentials(stage.services, given), SignInAccepted)
        found[role] = next(a.role for a in stage.services.store.list_all(Account) if a.email == email)
    assert found == {
        "agent": Role.AGENT,
        "supervisor": Role.SUPERVISOR,
        "operations": Role.OPS,
        "admin": Role.ADMIN,
    }


def test_the_line_points_ivr_at_the_demo_from_any_folder_and_names_no_secret(
    stage: Stage, tmp_path: Path
) -> None:
    stage.add_agent("Diane", "+12025550111", [])
    folder = tmp_path / "it's here"
    folder.mkdir()
    company = 'Lori\'s "$HOME" & Sons'
    with write_env_file(replace_env(stage, company), folder) as file:
        line = make_shell_command(file)
        assert stage.env["TWILIO_AUTH_TOKEN"] not in line
        typed = f'{line}; echo "$IVR_COMPANY"; ivr agents list --json; ivr agents state Diane away >&2'
        done = subprocess.run(
            ["/bin/sh", "-c", typed],
            env=alone(tmp_path),
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=False,
        )
    said, _, told = done.stdout.partition("\n")
    assert said == company
    (row,) = json.loads(told)
    assert (row["name"], row["state"]) == ("Diane", "available")
    assert "Diane is away." in done.stderr


def replace_env(stage: Stage, company: str) -> Stage:
    """The same line, by a name that a shell would stumble over."""
    other = copy(stage)
    other.env = {**stage.env, "IVR_COMPANY": company}
    return other


def test_only_its_owner_reads_the_file_and_it_goes_with_the_demo(stage: Stage, tmp_path: Path) -> None:
    left = tmp_path / "demo.env"  # by a demo that was killed
    left.write_text("OLD=1")
    left.chmod(0o644)
    with write_env_file(stage, tmp_path) as file:
        assert file == left
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
        assert "OLD" not in file.read_text()
    assert not left.exists()
