"""A sign-in to the demo for each role, and a file that points `ivr` at this demo."""

from __future__ import annotations

import os
import secrets
import shlex
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from ivr.cli.demo.stage import Stage
from ivr.domain.actor import SYSTEM
from ivr.domain.records.account import Role
from ivr.services import Services
from ivr.usecases.staff import accounts

DEMO_ACCOUNTS = {
    "Danielle": (Role.AGENT, "agent"),
    "Ruth": (Role.SUPERVISOR, "supervisor"),
    "Olivia": (Role.OPS, "operations"),
    "Ada": (Role.ADMIN, "admin"),
}


@dataclass(frozen=True, kw_only=True)
class DemoSignIn:
    """`role`: as people call it."""

    role: str
    email: str
    password: str

    def __str__(self) -> str:
        return f"{self.role:<10}   {self.email:<20}   {self.password}"


def create_sign_ins(services: Services) -> list[DemoSignIn]:
    """Make an account for each role, with a new password."""
    made = []
    for name, (role, called) in DEMO_ACCOUNTS.items():
        one = DemoSignIn(role=called, email=f"{name.lower()}@example.com", password=secrets.token_urlsafe(9))
        accounts.add_account(
            services, accounts.AccountDetails(name=name, email=one.email, role=role), actor=SYSTEM
        )
        accounts.set_password(services, name, one.password, actor=SYSTEM)
        made.append(one)
    return made


@contextmanager
def write_env_file(stage: Stage, folder: Path) -> Iterator[Path]:
    """Write `demo.env` for a shell to read, for its owner alone; it goes when the demo ends."""
    file = folder.absolute() / "demo.env"
    # the demo's processes run in this folder; the other terminal may be in another
    settings = {"IVR_FLOWS": str(stage.settings.flows.absolute()), **stage.env}
    file.unlink(missing_ok=True)  # of a demo that was killed: its mode may be another
    try:
        with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as out:
            out.write("# Points `ivr` at a running demo. It ends with the demo.\n")
            out.writelines(f"{name}={shlex.quote(value)}\n" for name, value in settings.items())
            out.write(f'PATH={shlex.quote(str(Path(sys.executable).parent))}:"$PATH"\n')
        yield file
    finally:
        file.unlink(missing_ok=True)


def make_shell_command(file: Path) -> str:
    """Return the command that a shell takes the settings with. It names the file: no secret gets into a history."""
    return f"set -a; . {shlex.quote(str(file))}; set +a"
