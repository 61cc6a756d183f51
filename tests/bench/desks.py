"""Agents at work, with their desks open or not: the process of the tail bar. Started by bars/tail.py.

    python -m tests.bench.desks PORT

Reads a line for each round, "with" or "without" desks, says "ready", and at the next line ends the round and says what came of it.
About once a second an agent changes state, in turn. A desk does what its page's scripts do: it listens for what the page
follows, and fetches a part anew when something of it has changed, or its time has come.
"""

from __future__ import annotations

import asyncio
import json
import random
import sys
import time
from dataclasses import asdict, dataclass, field
from itertools import count

from ivr.domain.actor import SYSTEM
from ivr.domain.records.account import Role
from ivr.domain.records.agent import AgentState, AwayReason
from ivr.services import Services, build_services
from ivr.settings import load_settings
from ivr.usecases.staff import accounts, roster
from tests.bench.desk import Desk, Site
from tests.bench.twilio_calls import NUMBERS

AGENTS = 50
PASSWORD = "four words make one"
GONE = 60.0  # seconds in which the app has noticed that its pages were closed; it says something every 15


@dataclass(kw_only=True)
class DeskLoad:
    """Of a round. `events`: that each desk heard; `fetched`: parts; `processor`: seconds of this process, while it was measured."""

    changes: int = 0
    events: list[int] = field(default_factory=list)
    fetched: int = 0
    processor: float = 0.0


class Office:
    def __init__(self, services: Services, site: Site) -> None:
        self._s, self._site = services, site
        self._names = [f"Agent {n}" for n in range(AGENTS)]
        self._desks: list[Desk] = []
        self._dice = random.Random(1)
        # of each kind of round, so that with desks everybody has their turn
        self._turns = {"with": count(), "without": count()}

    async def hire(self) -> None:
        """Everybody, signed in as people do."""
        for n, name in enumerate(self._names):
            told = accounts.AccountDetails(
                name=name, email=f"{roster.slugify(name)}@example.com", role=Role.AGENT
            )
            account = accounts.add_account(self._s, told, actor=SYSTEM)
            roster.add_agent(
                self._s, roster.AgentDetails(name=name, phone=NUMBERS[-1 - n])
            )  # those of no caller
            accounts.set_password(self._s, account.id, PASSWORD, actor=SYSTEM)
            desk = Desk(self._site, early=n / AGENTS)
            await desk.sign_in(account.email, PASSWORD)
            self._desks.append(desk)

    async def round(self, kind: str, words: asyncio.StreamReader) -> DeskLoad:
        desks = self._desks if kind == "with" else []
        told = DeskLoad()
        async with asyncio.TaskGroup() as group:
            for desk in desks:
                await desk.open(group)
            work = group.create_task(self._work(kind, told))
            used = time.process_time()
            _say("ready")
            await words.readline()
            told.processor = time.process_time() - used
            work.cancel()
            for desk in desks:
                desk.leave()
        told.events = [desk.heard for desk in desks]
        told.fetched = sum(desk.fetched for desk in desks)
        await self._all_gone()
        return told

    async def _work(self, kind: str, told: DeskLoad) -> None:
        """Half a second to one and a half between two: in step with the load, each would meet the same request."""
        while True:
            turn = next(self._turns[kind])
            away = turn // AGENTS % 2
            await asyncio.to_thread(
                roster.set_state,
                self._s,
                self._names[turn % AGENTS],
                AgentState.AWAY if away else AgentState.AVAILABLE,
                reason=AwayReason.BREAK if away else AwayReason.NONE,
            )
            told.changes += 1
            await asyncio.sleep(self._dice.uniform(0.5, 1.5))

    async def _all_gone(self) -> None:
        """The app notices that a page was closed when it next says something to it; until then it is not without desks."""
        async with asyncio.timeout(GONE):
            while True:
                told = (await self._site.ask("GET", "/metrics")).body.decode()
                if "calor_live_pages_open 0.0" in told.splitlines():
                    return
                await asyncio.sleep(0.2)


async def main(port: int) -> None:
    words = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(words), sys.stdin)
    office = Office(build_services(load_settings()), Site(port=port))
    await office.hire()
    _say("ready")
    while kind := (await words.readline()).decode().strip():
        _say(json.dumps(asdict(await office.round(kind, words))))


def _say(words: str) -> None:
    sys.stdout.write(words + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1])))
