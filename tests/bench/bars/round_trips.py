"""How often a webhook waits for the record: counted by a proxy between the two, one request at a time."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

from redis import Redis

from ivr.domain.records.agent import AgentState
from ivr.domain.records.agent_leg import AgentLeg, LegState, LegStep
from ivr.domain.records.contact import Contact, ContactState
from ivr.services import Services, build_services, derive_id
from ivr.settings import load_settings
from ivr.store.change import Change
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
DIANE, VICKI, BOSS, CHIEF = "+12025550111", "+12025550112", "+12025550113", "+12025550114"


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
    vicki = _Agent(app, services, "Vicki", VICKI)
    vicki.key("", "", "<Gather")
    vicki.key("1", "", "<Gather")
    vicki.key("2", "agent: declines", "<Hangup")
    roster.set_state(services, "Vicki", AgentState.OFFLINE)
    agent = _Agent(app, services, "Diane", DIANE)
    agent.key("", "agent: picks up", "<Gather")
    agent.key("1", "agent: hears the brief", "<Gather")
    agent.key("1", "agent: accepts", "<Conference")
    for key, what in (
        ("4", "agent: menu, back to the caller"),
        ("2", "agent: menu, asks for an extension"),
        ("5", "agent: menu, what happens next"),
        ("3", "agent: menu, hands the caller on"),
    ):
        agent.open_menu()
        agent.key(key, what)
    agent.open_menu()
    agent.key("1", "agent: menu, with no supervisor free")
    for name, phone, extension in (("Boss", BOSS, "42"), ("Chief", CHIEF, "43")):
        boss = roster.AgentDetails(name=name, phone=phone, supervisor=True, extension=extension)
        roster.add_agent(services, boss)
        roster.set_state(services, name, AgentState.AVAILABLE)
    agent.open_menu()
    agent.key("2", "")
    agent.key("42", "agent: menu, asks the colleague of an extension", "<Conference")
    agent.open_menu()
    agent.key("1", "agent: menu, asks a supervisor", "<Conference")
    agent.begin_wrapup()
    for key, what in (
        ("1", "how it ended"),
        ("", "no note"),
        ("", "no call is owed"),
        ("", "and nothing more"),
    ):
        agent.key(key, f"agent: wrap-up, {what}")
    services.store.redis.flushdb()  # whoever comes next finds nobody and nothing


class _Agent:
    """Somebody who is offered the one caller who waits; their keys go to the app."""

    def __init__(self, app: Counted, services: Services, name: str, phone: str) -> None:
        self.app, self.services = app, services
        skills = ("support", "bookings")
        roster.add_agent(services, roster.AgentDetails(name=name, phone=phone, skills=skills))
        roster.set_state(services, name, AgentState.AVAILABLE)
        (offer,) = router.route(services)
        self.leg = offer.id
        self.call = Caller(call=f"CA{offer.id:0<32}", number=LINE)

    def key(self, key: str, what: str, holding: str = "<Response>") -> None:
        leg, _ = self._records(self.services.store.begin())
        said = heard(key) if key else {}
        answer = self.app.post(f"/voice/agent/{self.leg}/{leg.prompt.turn}", fields(self.call, **said), what)
        if holding not in answer:
            raise AssertionError(f"{what}: no {holding} in {answer}")

    def open_menu(self) -> None:
        """As after *, with the caller held."""
        self._put(LegState.MENU, LegStep.MENU, ContactState.ON_HOLD)

    def begin_wrapup(self) -> None:
        """As after a talk, with the caller gone."""
        self._put(LegState.WRAPPING, LegStep.DISPOSITION, ContactState.AWAITING_DISPOSITION)

    def _put(self, state: LegState, step: LegStep, contact_state: ContactState) -> None:
        for change in self.services.store.transact():
            leg, contact = self._records(change)
            change.put(leg, replace(leg, state=state, prompt=leg.prompt.ask(step)))
            change.put(contact, replace(contact, state=contact_state, leg=leg.id, talked=True))

    def _records(self, change: Change) -> tuple[AgentLeg, Contact]:
        leg = change.get(AgentLeg, self.leg)
        contact = change.get(Contact, leg.contact) if leg else None
        if leg is None or contact is None:
            raise AssertionError("Nobody is there.")
        return leg, contact
