"""How often a webhook waits for the record: counted by a proxy between the two, one request at a time."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from redis import Redis

from ivr.domain.records.agent import AgentState
from ivr.services import Services, build_services, derive_id
from ivr.settings import load_settings
from ivr.usecases.routing import router
from ivr.usecases.staff import roster
from tests.bench import ground
from tests.bench.counting import Counting
from tests.bench.figures import Figure, Run
from tests.bench.load import ask
from tests.bench.twilio_calls import LINE, Caller, Sender, callers, fields, heard

MENU_STEP, JOIN = "menu step", "joining a queue"
JOIN_SAID = f"{JOIN}, with a reason"
BARS = {MENU_STEP: 1.0, JOIN: 2.0, JOIN_SAID: 2.0}
DIANE = "+12025550111"


@dataclass(kw_only=True)
class Counted:
    """An app behind a counting proxy, and what each kind of webhook cost there."""

    sender: Sender
    port: int
    proxy: Counting
    trips: dict[str, list[int]] = field(default_factory=dict)

    def post(self, path: str, form: dict[str, str], what: str = "", holding: str = "<Response>") -> str:
        before = self.proxy.trips
        answer = ask(self.port, self.sender.post(path, form), holding.encode())
        if what:
            self.trips.setdefault(what, []).append(self.proxy.trips - before)
        return answer

    def step(self, caller: Caller, n: int, said: dict[str, str], what: str, holding: str) -> str:
        return self.post(f"/voice/step/{derive_id(caller.call)}/{n}", fields(caller, **said), what, holding)


def count(times: int = 3) -> dict[str, list[int]]:
    """Round trips by kind of webhook, each as often as `times`; the first of each kind, with fresh connections, aside."""
    with ground.folder() as place, ground.record(place) as redis, _app(place, redis) as (app, services):
        people = callers(3 * (times + 1), "trips")
        for number in range(times + 1):
            _caller_with_nobody_free(app, people[3 * number])
            _caller_who_says_why(app, people[3 * number + 1])
            _agent_who_takes_it(app, services, people[3 * number + 2])
        return {what: counted[1:] if len(counted) > times else counted for what, counted in app.trips.items()}


def measure(run: Run) -> list[Figure]:
    counted = count(run.pick(5, 2))
    order = sorted(counted, key=lambda what: (what not in BARS, what))
    return [
        Figure(
            name=f"round trips: {what}",
            value=float(max(counted[what])),
            bar=BARS.get(what),
            note="" if len(set(counted[what])) == 1 else f"{counted[what]}",
        )
        for what in order
    ]


@contextmanager
def _app(place: Path, redis: Redis) -> Iterator[tuple[Counted, Services]]:
    upstream = Path(redis.connection_pool.connection_kwargs["path"])
    with Counting(place / "counted.sock", upstream) as proxy, ground.supervised(place) as line:
        env = ground.environment(place, proxy.url, workers=1)
        port = ground.add_web(line, env)
        line.start()
        direct = load_settings(
            {**{k: v for k, v in env.items() if k.isupper()}, "REDIS_URL": f"unix://{upstream}"}
        )
        yield Counted(sender=Sender(env["PUBLIC_URL"], port), port=port, proxy=proxy), build_services(direct)


def _caller_with_nobody_free(app: Counted, caller: Caller) -> None:
    """Menu, back, again; then in line without a reason, and one round of waiting."""
    app.post("/voice/answer", fields(caller), "answer", "<Gather")
    for n, key in enumerate(("1", "#", "*"), 1):
        app.step(caller, n, heard(key), MENU_STEP, "<Gather")
    app.step(caller, 4, {"SpeechResult": "a person please", "Confidence": "0.9"}, JOIN, "<Enqueue")
    for n, kind in ((5, "wait: the first round, with the position"), (6, "wait: a further round")):
        app.post(f"/voice/wait/{derive_id(caller.call)}/{n}", fields(caller), kind, "<Gather")


def _caller_who_says_why(app: Counted, caller: Caller) -> None:
    app.post("/voice/answer", fields(caller), "", "<Gather")
    app.step(caller, 1, heard("1"), MENU_STEP, "<Gather")
    app.step(caller, 2, {"SpeechResult": "my suitcase", "Confidence": "0.9"}, JOIN_SAID, "<Enqueue")


def _agent_who_takes_it(app: Counted, services: Services, caller: Caller) -> None:
    """Asked in the line's stead: no worker runs here, and no telephone rings."""
    app.post("/voice/answer", fields(caller), "", "<Gather")
    app.step(caller, 1, heard("0"), JOIN, "<Enqueue")
    roster.add_agent(services, roster.AgentDetails(name="Diane", phone=DIANE, skills=("support", "bookings")))
    roster.set_state(services, "Diane", AgentState.AVAILABLE)
    (offer,) = router.route(services)
    leg = Caller(call=f"CA{offer.id:0<32}", number=LINE)
    agent = f"/voice/agent/{offer.id}"
    app.post(f"{agent}/0", fields(leg), "agent: picks up", "<Gather")
    turn = 1
    for what in ("agent: hears the brief", "agent: accepts"):
        answer = app.post(f"{agent}/{turn}", fields(leg, **heard("1")), what)
        turn = int(found[1]) if (found := re.search(rf"{agent}/(\d+)", answer)) else turn
    if "<Conference" not in answer:
        raise AssertionError(f"The agent is in no room: {answer}")
    services.store.redis.flushdb()  # whoever comes next finds nobody and nothing
