"""Where the tests keep the data of servers that they start and throw away."""

import os
import shutil
from pathlib import Path

MEMORY = Path("/dev/shm")  # noqa: S108 - private folders are made in it
LEAST = 1 << 30  # bytes that must be free there: a container may have 64 MiB, which Chromium fills


def in_memory() -> str | None:
    """Return a folder that is in memory, where a write to disk costs no wait, or None for the usual one."""
    fits = MEMORY.is_dir() and os.access(MEMORY, os.W_OK) and shutil.disk_usage(MEMORY).free >= LEAST
    return str(MEMORY) if fits else None
