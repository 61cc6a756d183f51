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
from ivr.emulator.calls.leg_lifecycle import play
from ivr.emulator.options import HOUR, parse
from ivr.emulator.runtime.clock import Clock, ManualClock, RealClock
from ivr.emulator.runtime.event_log import Journal
from ivr.emulator.runtime.exchange import Exchange
from ivr.emulator.runtime.faults import Faults
from ivr.emulator.runtime.formats import Sids
from ivr.emulator.runtime.idle import Busy, WatchfulSelector
from ivr.emulator.server import build
from ivr.emulator.webhooks.debugger import Debugger
from ivr.emulator.webhooks.sender import Hooks

INTERRUPTED, IN_USE = 0, 2  # exit codes


def main(argv: Sequence[str] | None = None) -> int:
    """Serve until SIGTERM or SIGINT."""
    given = parse(argv)
    try:
        listener = socket.create_server((given.host, given.port), backlog=1024)
    except (OSError, OverflowError) as problem:
        sys.stderr.write(
            f"Port {given.port} of {given.host} cannot be had ({problem}). Choose another with --port.\n"
        )
        return IN_USE
    selector = WatchfulSelector()
    with asyncio.Runner(loop_factory=lambda: asyncio.SelectorEventLoop(selector)) as runner:
        runner.run(serve(given, listener, Busy(selector)))
    return INTERRUPTED


async def serve(given: argparse.Namespace, listener: socket.socket, busy: Busy) -> None:
    world = assemble(given, busy)
    runner = web.AppRunner(build(world, given.known_as), access_log=None, shutdown_timeout=0.1)
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
    await world.exchange.stop()
    await world.exchange.hooks.close()
    await runner.cleanup()


def assemble(given: argparse.Namespace, busy: Busy) -> World:
    verbs.load()
    start = time.time() if given.start is None else given.start
    clock: Clock = ManualClock(start) if given.clock == "manual" else RealClock(start, given.speed)
    sids, journal = Sids(given.seed), Journal(clock=clock, keep=given.keep * HOUR)
    faults = Faults(Sids(given.seed + 1))
    hooks = Hooks(
        account_sid=given.account_sid,
        auth_token=given.auth_token,
        clock=clock,
        journal=journal,
        faults=faults,
        sids=sids,
        busy=busy,
    )
    exchange = Exchange(
        account_sid=given.account_sid,
        auth_token=given.auth_token,
        clock=clock,
        journal=journal,
        sids=sids,
        faults=faults,
        busy=busy,
        hooks=hooks,
    )
    debugger = Debugger(exchange=exchange, url=given.debugger_url, events_url=given.events_url)
    journal.on_error.append(debugger.tell)
    world = World(
        exchange=exchange, player=lambda *args: play(world, *args), usual_cps=given.cps, cps=given.cps
    )
    if given.api_key:
        world.api_keys = dict([given.api_key])
    webhooks = {
        "voice_url": given.voice_url or "",
        "voice_fallback_url": given.voice_fallback_url,
        "status_callback": given.status_callback,
        "sms_url": given.sms_url,
    }
    if any(webhooks.values()):
        world.initial = {given.number: webhooks}
        world.furnish()
    return world
