"""The Chromium that the browser tests drive."""

import shutil

from tests import needs

# a third less work: it has no windows of its own. It does not ask its user whether a page may use the microphone
SHELL = "chromium-headless-shell"
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def path(*, whole: bool = False) -> str:
    """Return the path of a Chromium on this machine, the `whole` one or what suffices for pages.

    Without one, the test that asks is skipped (in CI it fails).
    """
    names = NAMES if whole else (SHELL, *NAMES)
    found = next((path for name in names if (path := shutil.which(name))), None)
    return found or needs.missing("Chromium", "Install it, on Debian with: apt-get install -y chromium")
