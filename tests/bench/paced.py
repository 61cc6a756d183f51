"""Load that comes when it comes: each request at its time, whether or not those before it were answered.

A generator that waits for answers is slowed down by what it measures, and then hides the wait of everybody who would have come
meanwhile. Here a request that is late, for whatever reason, has waited since it was due.
"""

from __future__ import annotations

import selectors
import time
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field

from tests.bench.load import STUCK, Server, Wire, WrongAnswerError, whole


@dataclass(kw_only=True)
class Paced:
    """What came of it. Times in seconds."""

    latencies: list[float] = field(
        default_factory=list
    )  # from when it was due to its whole answer, of those that were right
    late: list[float] = field(default_factory=list)  # from when it was due to when it was sent
    wrong: list[str] = field(default_factory=list)  # why, for each that was not answered as it should be
    seconds: float = 0.0
    generator: float = 0.0  # processor time of this process


def send(server: Server, requests: Sequence[bytes], *, rate: float, connections: int) -> Paced:
    """`rate` requests a second, in order, over `connections` kept alive in turn; over new ones as well while all are waiting.

    Raises WrongAnswerError when nothing is answered any more.
    """
    done = Paced()
    with selectors.DefaultSelector() as selector:
        wires = _Wires(server, selector, done, connections)
        left = deque(requests)
        used, began = time.process_time(), time.perf_counter()
        while left or wires.asked:
            due = began + (len(requests) - len(left)) / rate
            wait = due - time.perf_counter() if left else STUCK
            if wait <= 0:
                wires.ask(left.popleft(), due)
            elif not wires.wait_for_answers(wait) and not left:
                raise WrongAnswerError(f"{wires.asked} requests had no answer after {STUCK:.0f} s")
        done.seconds, done.generator = time.perf_counter() - began, time.process_time() - used
        wires.close()
    return done


class _Wires:
    def __init__(
        self, server: Server, selector: selectors.BaseSelector, done: Paced, connections: int
    ) -> None:
        self._server, self._selector, self._done = server, selector, done
        self._idle = deque(Wire(socket=server.connect()) for _ in range(connections))
        self.asked = 0  # and not answered yet

    def ask(self, request: bytes, due: float) -> None:
        wire = self._idle.popleft() if self._idle else Wire(socket=self._server.connect())
        wire.began = due
        wire.got.clear()
        wire.socket.sendall(request)  # a few kilobytes always fit
        self._done.late.append(time.perf_counter() - due)
        self._selector.register(wire.socket, selectors.EVENT_READ, wire)
        self.asked += 1

    def wait_for_answers(self, seconds: float) -> bool:
        """Whether anything came within so long."""
        ready = self._selector.select(seconds)
        for key, _ in ready:
            self._read(key.data)
        return bool(ready)

    def _read(self, wire: Wire) -> None:
        try:
            if not whole(wire, self._server):
                return
        except (OSError, WrongAnswerError) as e:
            self._done.wrong.append(str(e))
            self._over(wire)
            wire.socket.close()  # who knows what else comes on it
        else:
            self._done.latencies.append(time.perf_counter() - wire.began)
            self._over(wire)
            self._idle.append(wire)

    def _over(self, wire: Wire) -> None:
        self._selector.unregister(wire.socket)
        self.asked -= 1

    def close(self) -> None:
        for wire in self._idle:
            wire.socket.close()
