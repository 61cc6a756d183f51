"""How long after a kill -9 the line works again: a webhook is answered, a bell is heard. Real seconds, with restarts."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from redis import Redis
from redis.exceptions import RedisError

from ivr.cli.serve import up
from ivr.cli.serve.embedded_redis import EmbeddedRedis
from ivr.cli.serve.supervisor import Supervisor
from ivr.cli.serve.workers import QUEUES
from ivr.settings import load_settings
from ivr.store import keys
from tests.bench import ground
from tests.bench.figures import Figure, Run, middle, progress, spread
from tests.bench.load import ask
from tests.bench.twilio_calls import Sender, callers

STEADY = 11.0  # seconds: whoever ran so long is started again at once
LONGEST = 60.0
PARTS = ("web", "offers", "scheduler", "redis")
DEATHS = {**{part: (part,) for part in PARTS}, "everything at once": ("redis", "web", *QUEUES, "scheduler")}


@dataclass(frozen=True, kw_only=True)
class RecoveringApp:
    """A whole one, running."""

    processes: Supervisor
    record: Redis
    sender: Sender
    port: int


def measure(run: Run) -> list[Figure]:
    took: dict[str, list[float]] = {name: [] for name in DEATHS}
    with _line() as line:
        for number in range(run.pick(3, 1)):
            for name, parts in DEATHS.items():
                _rest(line)
                took[name].append(_recovers(line, parts, f"{name} {number}"))
                progress(f"{name}: {took[name][-1]:.2f} s")
    return [
        Figure(name=f"recovery: after kill -9 of {name}", value=middle(some), unit=" s", note=spread(some))
        for name, some in took.items()
    ]


@contextmanager
def _line() -> Iterator[RecoveringApp]:
    with ground.folder() as place, ground.supervised(place) as processes:
        record = EmbeddedRedis(folder=place / "r")
        env = ground.environment(place, up.add_redis(processes, record))
        up.add_app(processes, load_settings({k: v for k, v in env.items() if k.isupper()}), env)
        processes.start()
        redis = Redis.from_url(record.url, socket_timeout=1, decode_responses=True)
        port = int(env["IVR_PORT"])
        yield RecoveringApp(
            processes=processes, record=redis, sender=Sender(env["PUBLIC_URL"], port), port=port
        )
        redis.close()


def _rest(line: RecoveringApp) -> None:
    """Long enough for a restart to be the first again, with everything at work."""
    until = time.monotonic() + STEADY
    while time.monotonic() < until or not (_answers(line, f"rest {until}") and _hears(line)):
        time.sleep(0.1)  # noqa: TID251 - other processes, in real time


def _recovers(line: RecoveringApp, parts: tuple[str, ...], salt: str) -> float:
    """Seconds from the kill until a webhook is answered, and a bell that is due is heard and looked at."""
    for part in parts:
        os.killpg(line.processes.pid(part), signal.SIGKILL)
    began = time.monotonic()
    _until(lambda: _answers(line, salt), began)
    _until(lambda: _hears(line), began)
    return time.monotonic() - began


def _until(works: Callable[[], bool], began: float) -> None:
    while not works():
        if time.monotonic() - began > LONGEST:
            raise AssertionError("It did not come back")
        time.sleep(0.01)  # noqa: TID251 - other processes, in real time


def _answers(line: RecoveringApp, salt: str) -> bool:
    (caller,) = callers(1, salt)
    try:
        ask(line.port, line.sender.answer(caller), b"<Gather")
    except (OSError, AssertionError, ValueError):  # nobody listens yet, or it says that it cannot
        return False
    return True


def _hears(line: RecoveringApp) -> bool:
    """Somebody takes a wake that is due, rings, looks, and finds that nothing is owed."""
    try:
        line.record.zadd(keys.DUE, {"agent:nobody": 1.0})
        until = time.monotonic() + 0.5
        while line.record.zscore(keys.DUE, "agent:nobody") is not None:
            if time.monotonic() > until:
                return False
            time.sleep(0.005)  # noqa: TID251
    except RedisError:
        return False
    return True
