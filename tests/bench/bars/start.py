"""From the command to the first answer, and from the command to the end of the story."""

from __future__ import annotations

import subprocess
import sys
import time

from ivr.cli.serve import up
from ivr.cli.serve.supervisor import Supervisor
from tests.bench import ground
from tests.bench.figures import Figure, Run, middle, progress, skipped, spread
from tests.bench.load import ask
from tests.bench.twilio_calls import Sender, callers

STORY = "start: ivr demo --once to the end of the story"


def measure(run: Run) -> list[Figure]:
    starts = [_web(number) for number in range(run.pick(5, 2))]
    return [
        Figure(
            name="start: ivr web to its first answered webhook",
            value=middle(starts),
            unit=" s",
            bar=2.0,
            note=spread(starts),
        ),
        _demo(),
    ]


def _web(number: int) -> float:
    with ground.folder() as place, ground.record(place) as redis, ground.supervised(place) as line:
        env = ground.environment(place, f"unix://{redis.connection_pool.connection_kwargs['path']}")
        port = int(env["IVR_PORT"])
        (caller,) = callers(1, f"start {number}")
        request = Sender(env["PUBLIC_URL"], port).answer(caller)
        took = _until_answered(line, env, port, request)
    progress(f"answered after {took:.2f} s")
    return took


def _until_answered(line: Supervisor, env: dict[str, str], port: int, request: bytes) -> float:
    def answered() -> bool:
        try:
            ask(port, request, b"<Gather")
        except OSError:  # nobody listens yet
            return False
        return True

    line.add("web", up.ivr_command("web"), env=env, is_ready=answered)
    began = time.perf_counter()
    line.start()
    return time.perf_counter() - began


def _demo() -> Figure:
    began = time.perf_counter()
    told = subprocess.run(
        [sys.executable, "-m", "ivr.cli", "demo", "--once"], capture_output=True, text=True, check=False
    )
    took = time.perf_counter() - began
    if told.returncode:
        return skipped(STORY, f"it ended with {told.returncode}: {told.stderr.strip().splitlines()[-1:]}")
    return Figure(name=STORY, value=took, unit=" s", bar=30.0)
