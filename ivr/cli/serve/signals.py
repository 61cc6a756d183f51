"""Signals of a process that has not reached its own loop yet."""

from __future__ import annotations

import signal
import sys


def exit_on_signals() -> None:
    """Exit with code 0 on SIGTERM and SIGINT, until the process's own loop handles them.

    A process that waits for Redis would otherwise end with the code of a failure when it is told to stop.
    """
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: sys.exit(0))
