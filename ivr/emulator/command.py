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
from ivr.emulator.clock import Clock, ManualClock, RealClock
from ivr.emulator.debugging import Debugger
from ivr.emulator.exchange import Exchange
from ivr.emulator.faults import Faults
from ivr.emulator.formats import Sids, moment
from ivr.emulator.hooks import Hooks
from ivr.emulator.journal import WEEK, Journal
from ivr.emulator.life import play
from ivr.emulator.quiet import Busy, WatchfulSelector
from ivr.emulator.server import build
from ivr.emulator.world import World

ACCOUNT = "AC" + "0" * 32
NUMBER = "+15550100100"
HOUR = 3600.0  # seconds


def options(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="ivr emulate", description="A local Twilio.")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8100, help="0 for any free one")
    parser.add_argument("--account-sid", default=ACCOUNT)
    parser.add_argument("--auth-token", default="0" * 32)
    parser.add_argument(
        "--known-as", action="append", default=[], help="a name with a dot that this machine is reached by"
    )
    parser.add_argument("--clock", choices=["real", "manual"], default="real")
    parser.add_argument("--start", type=moment, help="what time it is, ISO 8601 (default: now)")
    parser.add_argument("--seed", type=int, default=0, help="of identifiers and faults")
    parser.add_argument("--speed", type=float, default=1.0, help="how much faster a real clock runs")
    parser.add_argument("--cps", type=float, default=0.0, help="calls started per second, 0 for no limit")
    parser.add_argument(
        "--keep", type=float, default=WEEK / HOUR, help="hours that what is over is remembered"
    )
    parser.add_argument("--number", default=NUMBER, help="the account's number, when there is a --voice-url")
    parser.add_argument("--voice-url", help="what answers calls to that number")
    parser.add_argument("--debugger-url", default="", help="what is told of errors and warnings, as a form")
    parser.add_argument("--events-url", default="", help="likewise, as JSON events with bodySHA256")
    return parser.parse_args(argv)


def main(argv: Sequence[str] | None = None) -> int:
    """Serve until SIGTERM or SIGINT."""
    given = options(argv)
    selector = WatchfulSelector()
    with asyncio.Runner(loop_factory=lambda: asyncio.SelectorEventLoop(selector)) as runner:
        runner.run(serve(given, Busy(selector)))
    return 0


async def serve(given: argparse.Namespace, busy: Busy) -> None:
    world = assemble(given, busy)
    runner = web.AppRunner(build(world, given.known_as), access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    listener = socket.create_server((given.host, given.port), backlog=1024)
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
    if given.voice_url:
        world.initial = {given.number: {"voice_url": given.voice_url}}
        world.furnish()
    return world
