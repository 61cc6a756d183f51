"""Debian's Chromium for the browser tests: found, or on CI installed."""

import fcntl
import os
import shutil
import subprocess
import tempfile
from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
MISSING = "The browser tests need Chromium. Install it, on Debian with: apt-get install -y chromium"


def found() -> str | None:
    """The path of a Chromium on this machine."""
    return next((path for name in NAMES if (path := shutil.which(name))), None)


def on_ci() -> bool:
    """Whether this is a machine on which packages may be installed unasked."""
    return os.environ.get("CI") == "true" and os.geteuid() == 0  # noqa: TID251 - what CI is, only CI says


def install() -> str | None:
    """By apt-get, once, however many test processes ask for it. On CI a failure here is a failure."""
    with (Path(tempfile.gettempdir()) / "install-chromium.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if path := found():
            return path
        apt = ["apt-get", "-qq", "-o", "DPkg::Lock::Timeout=300"]
        environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}  # noqa: TID251 - of a child process
        subprocess.run([*apt, "update"], check=True, env=environment)
        subprocess.run([*apt, "install", "-y", "chromium"], check=True, env=environment)
    return found()
