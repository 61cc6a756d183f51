"""The embedded record for as long as a test looks into it."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager

from redis import Redis

from ivr.cli.serve.embedded_redis import EmbeddedRedis
from tests.cli.patience import eventually, pings


@contextmanager
def serving(server: EmbeddedRedis) -> Iterator[Redis]:
    held = server.lock()
    with subprocess.Popen(server.argv(), stdout=subprocess.DEVNULL, pass_fds=[held]) as process:
        os.close(held)
        try:
            eventually(pings(server.url))
            with Redis.from_url(server.url, decode_responses=True) as redis:
                yield redis
        finally:
            process.terminate()
