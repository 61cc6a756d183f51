"""The Chromium that the browser tests drive."""

import shutil

from tests import needs

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def path() -> str:
    """Return the path of a Chromium on this machine. Without one, the test that asks is skipped (in CI it fails)."""
    found = next((path for name in NAMES if (path := shutil.which(name))), None)
    return found or needs.missing("Chromium", "Install it, on Debian with: apt-get install -y chromium")
