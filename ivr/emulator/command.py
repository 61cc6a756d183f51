"""The command: `python -m ivr.emulator --port 8100 ...`."""

import argparse
import asyncio
import json
import signal
import socket
import sys
import time
from collections.abc import Sequence

from aiohttp import web

from ivr.emulator import verbs
from ivr.emulator.account.world import World
from ivr.emulator.calls.leg_lifecycle import play_in_conference
from ivr.emulator.options import HOUR_SECONDS, parse_options
from ivr.emulator.runtime.clock import EmulatorClock, ManualClock, RealClock
from ivr.emulator.runtime.event_log import EventLog
from ivr.emulator.runtime.exchange import Exchange
from ivr.emulator.runtime.faults import FaultInjector
from ivr.emulator.runtime.formats import SidGenerator
from ivr.emulator.runtime.idle import IdleDetectingSelector, InFlightCounter
from ivr.emulator.server import build_app
from ivr.emulator.webhooks.debugger import Debugger
from ivr.emulator.webhooks.http_client import WebhookClient
from ivr.emulator.webhooks.sender import WebhookSender

EXIT_INTERRUPTED, EXIT_PORT_IN_USE = 0, 2  # exit codes


def main(argv: Sequence[str] | None = None) -> int:
    """Serve until SIGTERM or SIGINT."""
    given = parse_options(argv)
    try:
        listener = socket.create_server((given.host, given.port), backlog=1024)
    except (OSError, OverflowError) as problem:
        sys.stderr.write(
            f"Port {given.port} of {given.host} cannot be had ({problem}). Choose another with --port.\n"
        )
        return EXIT_PORT_IN_USE
    selector = IdleDetectingSelector()
    with asyncio.Runner(loop_factory=lambda: asyncio.SelectorEventLoop(selector)) as runner:
        runner.run(serve(given, listener, InFlightCounter(selector)))
    return EXIT_INTERRUPTED


async def serve(options: argparse.Namespace, listener: socket.socket, in_flight: InFlightCounter) -> None:
    world = build_world(options, in_flight)
    runner = web.AppRunner(build_app(world, options.known_as), access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    await web.SockSite(runner, listener).start()
    host, port = listener.getsockname()[:2]
    world.url = f"http://{host}:{port}"
    sys.stdout.write(json.dumps({"url": world.url, "phones": f"{world.url}/phones"}) + "\n")
    sys.stdout.flush()
    stopped = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stopped.set)
    await stopped.wait()
    await world.exchange.cancel_tasks()
    await world.exchange.webhooks.close()
    await runner.cleanup()


def build_world(options: argparse.Namespace, in_flight: InFlightCounter) -> World:
    verbs.load_verbs()
    start = time.time() if options.start is None else options.start
    clock: EmulatorClock = (
        ManualClock(start) if options.clock == "manual" else RealClock(start, options.speed)
    )
    sids, journal = (
        SidGenerator(options.seed),
        EventLog(clock=clock, retention_seconds=options.keep * HOUR_SECONDS),
    )
    faults = FaultInjector(SidGenerator(options.seed + 1))
    hooks = WebhookSender(
        clock=clock,
        event_log=journal,
        faults=faults,
        sids=sids,
        client=WebhookClient(auth_token=options.auth_token, in_flight=in_flight),
    )
    exchange = Exchange(
        account_sid=options.account_sid,
        auth_token=options.auth_token,
        clock=clock,
        event_log=journal,
        sids=sids,
        faults=faults,
        in_flight=in_flight,
        webhooks=hooks,
    )
    debugger = Debugger(exchange=exchange, url=options.debugger_url, events_url=options.events_url)
    journal.on_error.append(debugger.report_error)
    world = World(
        exchange=exchange,
        play_twiml=lambda *args: play_in_conference(world, *args),
        default_cps=options.cps,
        cps=options.cps,
    )
    if options.api_key:
        world.api_keys = dict([options.api_key])
    webhooks = {
        "voice_url": options.voice_url or "",
        "voice_fallback_url": options.voice_fallback_url,
        "status_callback": options.status_callback,
        "sms_url": options.sms_url,
    }
    if any(webhooks.values()):
        world.initial_numbers = {options.number: webhooks}
        world.add_initial_numbers()
    return world
