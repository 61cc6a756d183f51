"""Ends what a supervisor leaves behind. Run as a script of its own, with a pipe from the supervisor as standard input.

Lines `+PID` and `-PID` say which process groups live. When the pipe closes, the supervisor is gone, however it went:
whatever still lives is asked to end, and killed after `GRACE_SECONDS` seconds. A death signal (PR_SET_PDEATHSIG) would need code
between fork and exec, reaches no grandchildren, and is Linux's alone.
"""

import os
import signal
import sys
import time

GRACE_SECONDS = 10.0


def main() -> None:
    groups: list[int] = []
    for line in sys.stdin:
        group = int(line[1:])
        if line[0] == "+":
            groups.append(group)
        elif group in groups:
            groups.remove(group)
    _signal(groups, signal.SIGTERM)
    deadline = time.monotonic() + GRACE_SECONDS
    while time.monotonic() < deadline and _signal(groups, 0):
        time.sleep(0.05)
    _signal(groups, signal.SIGKILL)


def _signal(groups: list[int], sent: int) -> bool:
    """True when any of the groups was there to be signalled."""
    there = False
    for group in groups:
        try:
            os.killpg(group, sent)
            there = True
        except ProcessLookupError:
            continue
    return there


if __name__ == "__main__":
    main()
