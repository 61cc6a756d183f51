"""Ports for the processes of a stage."""

from __future__ import annotations

import secrets
import socket
from contextlib import suppress

# The kernel gives ports from 32768 (Linux) or 49152 (elsewhere) on to a process that asks for any port;
# below, no process gets one by chance.
FIRST, LAST = 10_000, 32_767


def free_port() -> int:
    """Return a TCP port of 127.0.0.1 that nobody listens on, and that the kernel gives to nobody meanwhile."""
    while True:
        port = FIRST + secrets.randbelow(LAST - FIRST + 1)
        with socket.socket() as s, suppress(OSError):
            s.bind(("127.0.0.1", port))
            return port
