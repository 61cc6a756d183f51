"""The demo as a newcomer runs it, with workers killed in the middle of it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

DEMO = [sys.executable, "-m", "ivr.cli", "demo", "--once"]


def descendants_called(word: str, root: int) -> list[int]:
    """Process ids below `root`, at any depth, whose command line has the word."""
    lines, parents = {}, {}
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        try:
            line = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode()
            parent = int((entry / "stat").read_text().rsplit(")", 1)[1].split()[1])
        except (OSError, ValueError):
            continue  # it ended while we looked
        lines[int(entry.name)], parents[int(entry.name)] = line, parent

    def below(pid: int) -> bool:
        parent = parents.get(pid, 0)
        return parent == root or (parent > 1 and below(parent))

    return [pid for pid, line in lines.items() if word in line and below(pid)]


def there(word: str, root: int) -> list[int]:
    """The same, as soon as there is one: it may be on its way up again."""
    until = time.monotonic() + 20
    while not (found := descendants_called(word, root)) and time.monotonic() < until:
        threading.Event().wait(0.05)
    return found


def test_the_demo_tells_loris_story_and_keeps_every_promise_though_workers_are_killed_in_it() -> None:
    with subprocess.Popen(
        DEMO, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, stdin=subprocess.DEVNULL
    ) as demo:
        assert demo.stdout is not None
        story = []
        killed = 0
        for line in demo.stdout:
            story.append(line)
            if "The promise is kept" in line or "She calls again" in line:
                for word in ("worker offers", "worker callbacks", "ivr.cli scheduler"):
                    for pid in there(word, demo.pid):
                        os.kill(pid, signal.SIGKILL)
                        killed += 1
        demo.wait(180)
    assert killed >= 3  # each once at least: the second time some may be on their way back still
    told = " ".join("".join(story).split())
    assert demo.returncode == 0, told
    for words in (
        "My suitcase did not arrive in Albany",  # her reason, verbatim
        "promise ",
        "is on disk: call Lori by",
        "Hello, this is Tooty Air. We promised",
        "Hello, Lori.",
        "You spoke with Danielle",
        'Last with Danielle this evening: "Her suitcase is in the delivery van in Albany',  # to the word
        "Ruth's phone rings",
        "This is what happens next.",
        "How was it",
        "every invariant held.",
    ):
        assert words in told, f"{words!r} is not in:\n{told}"
