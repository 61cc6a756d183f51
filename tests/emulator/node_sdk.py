"""Node and Twilio's own SDK for it, installed once into the project's `.venv`."""

import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

HERE = Path(__file__).parent / "node"
OLDEST = 18  # the first of express 5
MISSING = f"Node {OLDEST} or later and npm are needed to drive the emulator with Twilio's Node SDK: apt-get install nodejs npm"


class NoNode(Exception):
    """Why it cannot be had here, and what to install."""


def script(tell: Callable[[str], None], name: str = "drive.mjs") -> list[str]:
    """The command that runs a program of `node/`. `tell` is given what takes long. Raises NoNode."""
    node = _node(tell)
    folder = _folder()
    if not folder.exists():
        tell(f"Installing Twilio's Node SDK into {folder} (once)")
        _install(folder)
    program = folder / name
    shutil.copyfile(HERE / name, program)
    return [node, str(program)]


def _node(tell: Callable[[str], None]) -> str:
    if not _there() and _may_install():
        tell("Installing Node from the system's packages")
        for command in (["apt-get", "update"], ["apt-get", "install", "-y", "nodejs", "npm"]):
            subprocess.run(command, stdout=subprocess.DEVNULL, check=False)
    node = shutil.which("node")
    if node is None or not _there():
        raise NoNode(MISSING)
    said = subprocess.run([node, "--version"], capture_output=True, text=True, check=True).stdout
    if int(said.strip().removeprefix("v").split(".")[0]) < OLDEST:
        raise NoNode(f"{MISSING} (here is {said.strip()})")
    return node


def _there() -> bool:
    return all(shutil.which(name) for name in ("node", "npm"))


def _may_install() -> bool:
    """Only on a machine that is there for tests."""
    return os.getenv("CI") == "true" and os.geteuid() == 0 and shutil.which("apt-get") is not None


def _folder() -> Path:
    """One for each lock file, so that a new lock is installed anew."""
    lock = hashlib.sha256((HERE / "package-lock.json").read_bytes()).hexdigest()
    return Path(sys.prefix) / "node" / lock[:16]


def _install(folder: Path) -> None:
    """Whole or not at all: several test processes may do this at once."""
    made = folder.with_name(f"{folder.name}.{os.getpid()}")
    made.mkdir(parents=True)
    for name in ("package.json", "package-lock.json"):
        shutil.copyfile(HERE / name, made / name)
    npm = [
        shutil.which("npm") or "npm",
        "ci",
        "--prefer-offline",
        "--no-audit",
        "--no-fund",
        "--ignore-scripts",
    ]
    done = subprocess.run(npm, cwd=made, capture_output=True, text=True, check=False)
    if done.returncode:
        shutil.rmtree(made)
        raise NoNode(f"npm could not install Twilio's SDK: {done.stderr[-500:]}")
    try:
        made.rename(folder)
    except OSError:  # another was faster
        shutil.rmtree(made)
