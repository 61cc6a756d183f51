"""A load generator that is not the bottleneck: requests made beforehand, one thread, epoll, and almost no parsing.

Written for this because it shares the cores with what it measures: every microsecond it takes is one the server does not get.
What it used itself is part of the result.
"""

from __future__ import annotations

import selectors
import socket
import time
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

STUCK = 30.0  # seconds without any answer


class WrongAnswerError(AssertionError):
    """An answer is not what a caller should have got, so its time means nothing."""


@dataclass(frozen=True, kw_only=True)
class Load:
    """What came of it. Times in seconds."""

    seconds: float
    latencies: Sequence[float]
    generator: float  # processor time of this process

    @property
    def rate(self) -> float:
        return len(self.latencies) / self.seconds

    @property
    def generator_share(self) -> float:
        """Of one core."""
        return self.generator / self.seconds


@dataclass(kw_only=True, eq=False)
class Wire:
    """A connection kept alive. `began`: from when its answer is waited for, by time.perf_counter."""

    socket: socket.socket
    errand: deque[bytes] = field(default_factory=deque)
    got: bytearray = field(default_factory=bytearray)
    began: float = 0.0


@dataclass(frozen=True, kw_only=True)
class Server:
    """How it is spoken with. `size`: bytes of the whole answer, None while that cannot be told; `check` raises WrongAnswerError."""

    connect: Callable[[], socket.socket]
    size: Callable[[bytearray], int | None]
    check: Callable[[bytearray], None]


def web(port: int, holding: bytes) -> Server:
    """An answer must be 200 and hold `holding`."""
    return Server(connect=lambda: _connect(port), size=_size, check=lambda got: _check(got, holding))


def send(server: Server, errands: Iterable[Sequence[bytes]], *, connections: int) -> Load:
    """Run all errands: the requests of one in order, `connections` errands at a time, each on a connection kept alive.

    Raises WrongAnswerError.
    """
    left = deque(deque(errand) for errand in errands)
    wires = [Wire(socket=server.connect()) for _ in range(min(connections, len(left)))]
    latencies: list[float] = []
    with selectors.DefaultSelector() as selector:
        before, began = time.process_time(), time.perf_counter()
        for wire in wires:
            wire.errand = left.popleft()
            selector.register(wire.socket, selectors.EVENT_READ, wire)
            _ask(wire)
        running = len(wires)
        while running:
            ready = selector.select(STUCK)
            if not ready:
                raise WrongAnswerError(f"No answer within {STUCK:.0f} s")
            for key, _ in ready:
                wire = key.data
                if not whole(wire, server):
                    continue
                latencies.append(time.perf_counter() - wire.began)
                if not wire.errand and left:
                    wire.errand = left.popleft()
                if wire.errand:
                    _ask(wire)
                else:
                    running -= 1
        seconds, used = time.perf_counter() - began, time.process_time() - before
    for wire in wires:
        wire.socket.close()
    return Load(seconds=seconds, latencies=latencies, generator=used)


def ask(port: int, request: bytes, holding: bytes = b"") -> str:
    """One request on a connection of its own; the answer's body."""
    with _connect(port) as wire:
        wire.settimeout(STUCK)
        wire.sendall(request)
        got = bytearray()
        while (size := _size(got)) is None or len(got) < size:
            part = wire.recv(65536)
            if not part:
                break
            got += part
    _check(got, holding)
    return got.partition(b"\r\n\r\n")[2].decode()


def _connect(port: int) -> socket.socket:
    made = socket.create_connection(("127.0.0.1", port))
    made.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return made


def _ask(wire: Wire) -> None:
    wire.got.clear()
    wire.began = time.perf_counter()
    wire.socket.sendall(wire.errand.popleft())  # a few kilobytes always fit


def whole(wire: Wire, server: Server) -> bool:
    """Read what is there; whether the answer is complete. Raises WrongAnswerError, OSError."""
    part = wire.socket.recv(65536)
    if not part:
        raise WrongAnswerError(f"The connection was closed; so far: {bytes(wire.got[:200])!r}")
    wire.got += part
    size = server.size(wire.got)
    if size is None or len(wire.got) < size:
        return False
    server.check(wire.got)
    return True


def _size(got: bytearray) -> int | None:
    """Bytes of the whole answer; None while its head is incomplete."""
    end = got.find(b"\r\n\r\n")
    if end < 0:
        return None
    at = got[:end].lower().find(b"content-length:")
    if at < 0:
        raise WrongAnswerError(f"No length: {bytes(got[:300])!r}")
    return end + 4 + int(got[at + 15 : end + 2].split(b"\r\n", 1)[0])


def _check(got: bytearray, holding: bytes) -> None:
    if not got.startswith(b"HTTP/1.1 200") or holding not in got:
        raise WrongAnswerError(bytes(got[:600]).decode(errors="replace"))
