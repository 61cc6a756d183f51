"""A menu step through the whole production app, against the same server's hello and against the ordinary way to do it.

Every request is new work: contacts that stand in the menu are made beforehand by /voice/answer, and each is then sent its next
inputs in order, with requests that were signed beforehand. Afterwards the record is asked whether every input is in it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

from ivr.cli.serve.supervisor import Supervisor
from ivr.services import derive_id
from tests.bench import ground, load, machine, peer
from tests.bench.figures import Figure, Run, centile, middle, progress, skipped, spread
from tests.bench.menu import CONNECTIONS, GATHER, KEYS, Menu
from tests.bench.twilio_calls import Sender, callers, fields, heard

WARM = 700  # callers of the first round, which does not count: node is slow until it has compiled what it runs often


@dataclass(kw_only=True)
class Contender:
    """`make(round)`: the errands of one round. `pids`: the processes that serve them, with those they started."""

    name: str
    port: int
    pids: Sequence[int]
    make: Callable[[int], list[list[bytes]]]
    holding: bytes = GATHER
    loads: list[load.Load] = field(default_factory=list)
    used: list[float] = field(default_factory=list)  # processor milliseconds per request: server and record

    def round(self, number: int) -> None:
        errands = self.make(number)
        before = self._processor()
        done = load.send(load.web(self.port, self.holding), errands, connections=CONNECTIONS)
        self.loads.append(done)
        self.used.append((self._processor() - before) / len(done.latencies) * 1000)
        progress(
            f"{self.name:<6} {done.rate:7.0f}/s  p50 {centile(done.latencies, 0.5) * 1000:5.1f} ms"
            f"  p99 {centile(done.latencies, 0.99) * 1000:5.1f} ms  {self.used[-1]:.2f} ms of processor each"
            f"  (generator {done.generator_share:.0%} of a core)"
        )

    def _processor(self) -> float:
        return sum(machine.processor_seconds(pid) for pid in self.pids)

    @property
    def rates(self) -> Sequence[float]:
        return [done.rate for done in self.loads]


def measure(run: Run) -> list[Figure]:
    rounds, contacts = run.pick(7, 2), run.pick(WARM, 100)
    with ground.folder() as place, ExitStack() as running:
        redis = running.enter_context(ground.record(place))
        record = int(redis.info("server")["process_id"])
        line = running.enter_context(ground.supervised(place))
        url = f"unix://{redis.connection_pool.connection_kwargs['path']}"
        env = ground.environment(place, url)
        ports = {"app": ground.add_web(line, env), "hello": ground.add_hello(line, env)}
        why = _add_peer(line, place, ports)
        line.start()
        menu = Menu(redis=redis, base=env["PUBLIC_URL"], port=ports["app"])
        made = _Errands(menu=menu, ports=ports, contacts=contacts)
        contenders = [
            Contender(
                name="hello", port=ports["hello"], pids=[line.pid("hello")], make=made.hello, holding=b"hello"
            ),
            Contender(name="app", port=ports["app"], pids=[line.pid("web"), record], make=made.app),
        ]
        if not why:
            pids = [line.pid("peer"), line.pid("peer redis")]
            contenders.append(Contender(name="peer", port=ports["peer"], pids=pids, make=made.peer))
        for number in range(rounds + 1):
            progress(f"round {number or 'to warm up'}")
            for contender in contenders:
                contender.round(number)
        for contender in contenders:
            del contender.loads[0], contender.used[0]
        if missing := menu.missing():
            raise load.WrongAnswerError(
                f"{missing} of {len(menu.ids) * len(KEYS)} inputs are not in the record"
            )
    return _figures({c.name: c for c in contenders}, why)


def _add_peer(line: Supervisor, place: Path, ports: dict[str, int]) -> str:
    """Why there is none, or ""."""
    try:
        ports["peer"] = peer.add(line, place)
    except peer.NoPeerError as e:
        return str(e)
    return ""


@dataclass(kw_only=True)
class _Errands:
    menu: Menu
    ports: dict[str, int]
    contacts: int  # of a round

    def app(self, number: int) -> list[list[bytes]]:
        """New contacts, brought to the menu; then what each of them does there."""
        return self.menu.bring(callers(self._count(number), f"app {number}", first=number * WARM))

    def hello(self, number: int) -> list[list[bytes]]:
        """The same bytes to another address."""
        sender = Sender(self.menu.base, self.ports["hello"])
        people = callers(self._count(number), f"hello {number}")
        return [[sender.post("/hello", fields(c, **heard(key))) for key in KEYS] for c in people]

    def peer(self, number: int) -> list[list[bytes]]:
        port = self.ports["peer"]
        sender = Sender(f"http://127.0.0.1:{port}", port)
        return [
            sender.steps(derive_id(c.call), c, KEYS) for c in callers(self._count(number), f"peer {number}")
        ]

    def _count(self, number: int) -> int:
        return self.contacts if number else WARM


def _figures(by_name: dict[str, Contender], why: str) -> list[Figure]:
    app, hello = by_name["app"], by_name["hello"]
    against = by_name.get("peer")
    found = [
        _ratio("webhook: menu step against hello", app, hello, 0.4),
        _ratio("webhook: menu step against Express + ioredis", app, against, 0.6)
        if against
        else skipped("webhook: menu step against Express + ioredis", why),
    ]
    for one in by_name.values():
        latencies = [t for done in one.loads for t in done.latencies]
        found.append(
            Figure(
                name=f"webhook: {one.name}, {CONNECTIONS} connections",
                value=middle(one.rates),
                unit="/s",
                note=f"rounds {spread(one.rates)}; p50 {centile(latencies, 0.5) * 1000:.1f} ms,"
                f" p99 {centile(latencies, 0.99) * 1000:.1f} ms; {middle(one.used):.2f} ms of processor each;"
                f" generator {middle([d.generator_share for d in one.loads]):.0%} of a core",
            )
        )
    return found


def _ratio(name: str, app: Contender, other: Contender, bar: float) -> Figure:
    each = [a / b for a, b in zip(app.rates, other.rates, strict=True)]
    processor = middle(other.used) / middle(app.used)
    return Figure(
        name=name,
        value=middle(app.rates) / middle(other.rates),
        unit="x",
        bar=bar,
        least=True,
        note=f"rounds {spread(each)}; by processor time {processor:.2f}x",
    )
