"""`ivr up`: the whole line on one machine, without anything installed beside it."""

from __future__ import annotations

import http.client
import os
import secrets
import signal
import sys
import threading
from collections.abc import Callable, Mapping
from pathlib import Path

import click

from ivr.cli.serve.embedded_redis import EmbeddedRedis
from ivr.cli.serve.redis_program import find_server_program
from ivr.cli.serve.supervisor import Supervisor
from ivr.cli.serve.workers import QUEUES
from ivr.cli.twilio.numbers import list_our_numbers, make_telephony
from ivr.flow.loader.library import load_flows
from ivr.flow.model import ANY_NUMBER
from ivr.settings import Settings, load_settings
from ivr.settings.load import read_environment
from ivr.settings.processes import DEFAULT_PORT
from ivr.store.server.connection import get_server_process_id
from ivr.telephony.webhooks import make_expected_webhooks

EMULATOR_PORT = 8100


@click.command()
@click.option(
    "--emulator", is_flag=True, help="Speak to a local Twilio instead of the real one; needs no account."
)
@click.option("--emulator-port", default=EMULATOR_PORT, show_default=True)
@click.option(
    "--dir",
    "folder",
    type=click.Path(path_type=Path),
    default=Path("var/redis"),
    show_default=True,
    help="Data of the embedded record, used when REDIS_URL is not set.",
)
def up(emulator: bool, emulator_port: int, folder: Path) -> None:
    """Run everything: record, web, workers and scheduler; restart what ends. Ctrl-C stops it all."""
    env = read_environment()
    stop = threading.Event()
    for asked in (signal.SIGINT, signal.SIGTERM):
        signal.signal(asked, lambda *_: stop.set())
    with Supervisor() as line:
        if not env.get("REDIS_URL"):
            record = EmbeddedRedis(folder=folder)
            os.close(record.lock())  # a second line on the same data is told so, before it starts anything
            env["REDIS_URL"] = add_redis(line, record)
        if emulator:
            env |= make_emulator_settings(env, emulator_port)
        settings = load_settings(env)
        if emulator:
            add_emulator(line, settings, *_make_number_options(settings))
        add_app(line, settings, env)
        line.start()
        if emulator:
            point_numbers_here(settings)
        click.echo(f"The line is up: {settings.public_url}", err=True)
        if emulator:
            click.echo(f"Phones: {settings.twilio_api_url}/phones", err=True)
        stop.wait()


def _make_number_options(settings: Settings) -> list[str]:
    """The emulator's options for a number that our flows answer."""
    named = [
        n
        for flow in load_flows(settings.flows).flows.values()
        for n in flow.called_numbers
        if n != ANY_NUMBER
    ]
    return [
        "--voice-url",
        make_expected_webhooks(settings.public_url).voice_url,
        *(f"--number={n}" for n in named[:1]),
    ]


def point_numbers_here(settings: Settings) -> None:
    """Set the webhooks of our numbers, as `ivr twilio setup` does."""
    account = make_telephony(settings)
    for own in list_our_numbers(settings, account):
        if own.number_at_twilio:
            account.set_webhooks(own.number_at_twilio.sid, own.expected_webhooks)


def make_emulator_settings(env: Mapping[str, str], port: int = EMULATOR_PORT) -> dict[str, str]:
    """What must be set for a Twilio on this machine."""
    return {
        "TWILIO_ACCOUNT_SID": "AC" + "0" * 32,
        "TWILIO_AUTH_TOKEN": secrets.token_hex(16),
        "TWILIO_API_URL": f"http://127.0.0.1:{port}",
        "PUBLIC_URL": f"http://127.0.0.1:{env.get('IVR_PORT') or env.get('PORT') or DEFAULT_PORT}",
    }


def add_redis(supervisor: Supervisor, embedded: EmbeddedRedis) -> str:
    """Add the embedded record as the first process, and return its REDIS_URL. Raises BadSetting without a server to run."""
    find_server_program()  # said once, and not by a process that is started again and again
    supervisor.add(
        "redis",
        ivr_command("redis", "--dir", str(embedded.folder.absolute()), "--port", str(embedded.port)),
        is_ready=lambda: get_server_process_id(embedded.url) == supervisor.pid("redis"),
    )
    return embedded.url


def add_emulator(supervisor: Supervisor, settings: Settings, *options: str) -> None:
    port = settings.twilio_api_url.rpartition(":")[2]
    token = settings.twilio_auth_token.get_secret_value()
    account = settings.twilio_account_sid
    argv = ivr_command("emulate", "--port", port, "--account-sid", account, "--auth-token", token, *options)
    if settings.browser_phones_enabled:
        secret = settings.twilio_api_key_secret.get_secret_value()
        argv += ["--api-key", f"{settings.twilio_api_key_sid}:{secret}"]
    supervisor.add("emulator", argv, is_ready=answers_http(f"127.0.0.1:{port}", "/"))


def add_app(supervisor: Supervisor, settings: Settings, env: Mapping[str, str]) -> None:
    """Web, workers and scheduler. `env`: their environment, from which `settings` were loaded."""
    everywhere = {"0.0.0.0": "127.0.0.1", "::": "::1"}
    host = everywhere.get(settings.host, settings.host)
    at = f"[{host}]:{settings.port}" if ":" in host else f"{host}:{settings.port}"
    supervisor.add("web", ivr_command("web"), env=env, is_ready=answers_http(at, "/health"))
    for queue in QUEUES:
        supervisor.add_forked(queue, ["worker", queue], env=env)
    supervisor.add_forked("scheduler", ["scheduler"], env=env)


def ivr_command(*argv: str) -> list[str]:
    """The command line of one of our commands, by this interpreter."""
    return [sys.executable, "-m", "ivr.cli", *argv]


def answers_http(host: str, path: str) -> Callable[[], bool]:
    """It speaks HTTP, and not of a fault of its own."""

    def ready() -> bool:
        connection = http.client.HTTPConnection(host, timeout=2)
        try:
            connection.request("GET", path)
            return connection.getresponse().status < 500
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()

    return ready
