"""Node, and Twilio's own SDK for it, installed once into the environment that runs the tests."""

import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from tests import needs

HERE = Path(__file__).parent / "node"
OLDEST = 18  # the first of express 5
NODE, NPM = f"Node {OLDEST} or later", "npm"
REMEDY = "Install it, on Debian with: apt-get install -y nodejs npm"


def script(tell: Callable[[str], None], name: str = "drive.mjs") -> list[str]:
    """Return the command that runs a program of `node/`. `tell` is given what takes long.

    Without Node, or when npm cannot install the SDK, the test that asks is skipped (in CI it fails).
    """
    node = _node()
    folder = _folder()
    if not folder.exists():
        tell(f"Installing Twilio's Node SDK into {folder} (once)")
        _install(folder)
    program = folder / name
    shutil.copyfile(HERE / name, program)
    return [node, str(program)]


def _node() -> str:
    node = shutil.which("node") or needs.missing(NODE, REMEDY)
    said = subprocess.run([node, "--version"], capture_output=True, text=True, check=True).stdout.strip()
    if int(said.removeprefix("v").split(".")[0]) < OLDEST:
        needs.missing(NODE, f"Here is {said}. {REMEDY}")
    return node


def _folder() -> Path:
    """One for each lock file, so that a new lock is installed anew."""
    lock = hashlib.sha256((HERE / "package-lock.json").read_bytes()).hexdigest()
    return Path(sys.prefix) / "node" / lock[:16]


def _install(folder: Path) -> None:
    """Install whole or not at all: several test processes may do this at once."""
    npm = shutil.which("npm") or needs.missing(NPM, REMEDY)
    made = folder.with_name(f"{folder.name}.{os.getpid()}")
    made.mkdir(parents=True)
    for name in ("package.json", "package-lock.json"):
        shutil.copyfile(HERE / name, made / name)
    ci = [npm, "ci", "--prefer-offline", "--no-audit", "--no-fund", "--ignore-scripts"]
    done = subprocess.run(ci, cwd=made, capture_output=True, text=True, check=False)
    if done.returncode:
        shutil.rmtree(made)
        needs.missing(
            "Twilio's Node SDK", f"Mend what npm says, and try again: {' '.join(done.stderr.split())[-300:]}"
        )
    try:
        made.rename(folder)
    except OSError:  # another was faster
        shutil.rmtree(made)
