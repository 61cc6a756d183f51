"""What is measured, running: the record, the app as it is deployed, the server that says hello, the peer."""

from __future__ import annotations

import shutil
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from redis import Redis

from ivr.cli.demo.ports import free_port
from ivr.cli.serve import up
from ivr.cli.serve.embedded_redis import EmbeddedRedis
from ivr.cli.serve.supervisor import Supervisor
from ivr.settings import load_settings
from ivr.settings.load import read_environment as settings_environment
from tests.bench.twilio_calls import ACCOUNT, TOKEN

# the line is always open here: what is measured must not depend on when it is measured
ALWAYS = 'support:\n  zone: America/New_York\n  everyday: "0:00-24:00"\n'


@contextmanager
def folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="calor-bench-") as made:
        yield Path(made)


def flows(place: Path) -> Path:
    """The flows as they ship, open at all hours."""
    made = place / "flows"
    if not made.exists():
        shutil.copytree("flows", made)
        (made / "hours.yaml").write_text(ALWAYS)
    return made


def environment(place: Path, redis_url: str, *, workers: int = 2) -> dict[str, str]:
    """The settings of a deployment, but for a Twilio that is not there."""
    port = free_port()
    return {
        **settings_environment(),
        "TWILIO_ACCOUNT_SID": ACCOUNT,
        "TWILIO_AUTH_TOKEN": TOKEN,
        "TWILIO_API_URL": f"http://127.0.0.1:{free_port()}",
        "PUBLIC_URL": f"http://127.0.0.1:{port}",
        "REDIS_URL": redis_url,
        "IVR_PORT": str(port),
        "IVR_SPOOL": str(place / "spool"),
        "IVR_FLOWS": str(flows(place)),
        "IVR_WEB_WORKERS": str(workers),
    }


@contextmanager
def supervised(place: Path) -> Iterator[Supervisor]:
    """Processes to be added and started; their words are shown when starting them fails."""
    log = place / "processes.log"
    with log.open("a") as out, Supervisor(out=out) as line:
        try:
            yield line
        except BaseException:
            sys.stderr.write("".join(f"    {words}\n" for words in log.read_text().splitlines()[-15:]))
            raise


@contextmanager
def record(place: Path) -> Iterator[Redis]:
    """An embedded record of its own, as `ivr redis` starts it: on disk before it answers."""
    server = EmbeddedRedis(folder=place / "r")
    with supervised(place) as line:
        up.add_redis(line, server)
        line.start()
        redis = Redis.from_url(server.url, decode_responses=True)
        yield redis
        redis.close()


def add_web(line: Supervisor, env: Mapping[str, str]) -> int:
    """`ivr web`; its port."""
    settings = load_settings({k: v for k, v in env.items() if k.isupper()})
    line.add(
        "web",
        up.ivr_command("web"),
        env=env,
        is_ready=up.answers_http(f"127.0.0.1:{settings.port}", "/health"),
    )
    return settings.port


def add_hello(line: Supervisor, env: Mapping[str, str]) -> int:
    port = free_port()
    argv = [sys.executable, "-m", "tests.bench.hello"]
    own = {**env, "IVR_PORT": str(port)}
    line.add("hello", argv, env=own, is_ready=up.answers_http(f"127.0.0.1:{port}", "/"))
    return port
