"""The Procfile under honcho: it listens where a platform's router comes from, and no process ends because of Redis (I9).

honcho ends the whole line when one process ends, as other Procfile runners do.
"""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from itertools import count
from pathlib import Path
from types import MappingProxyType

import pytest

from ivr.cli.demo.ports import free_port
from ivr.cli.serve.up import answers_http, ivr_command
from ivr.store import keys
from tests.cli.serve.procfile import WORKERS, ProcfileRun, running
from tests.memory import in_memory
from tests.web.webhooks.twilio import Twilio, call

Process = subprocess.Popen[str]
OTHER = "127.0.0.2"  # reaches a server that listens on all addresses, and none that listens on 127.0.0.1
CLOCK = "scheduler.1"
EVERYBODY = (*WORKERS, CLOCK)
STARTS = ("INFO", "CONFIG GET", "TIME", "HMGET")  # what a process asks before its loop


@pytest.fixture(scope="module")
def beside(twilio: str) -> Iterator[ProcfileRun]:
    """Only the web server, told by IVR_HOST where to listen; Redis is not there."""
    with tempfile.TemporaryDirectory(prefix="calor-", dir=in_memory()) as folder:
        line = ProcfileRun(
            folder=Path(folder), port=free_port(), twilio=twilio, env={"IVR_HOST": "127.0.0.1"}
        )
        line.start("web")
        try:
            yield line
        finally:
            line.stop()


@pytest.fixture(scope="module")
def line(twilio: str, beside: ProcfileRun) -> Iterator[ProcfileRun]:
    """One line for all tests: none of its processes may end. Each meets an outage while it starts."""
    with tempfile.TemporaryDirectory(prefix="calor-", dir=in_memory()) as folder:
        line = ProcfileRun(folder=Path(folder), port=free_port(), twilio=twilio)
        starting = (*EVERYBODY, "web.1")
        for n, name in enumerate(starting):
            line.gates[name].let_pass(until=partial(reaches, n % len(STARTS) + 1))
        with running(line, during=lambda: outlive_the_start(line, starting)):
            yield line


def reaches(step: int, steps: list[str]) -> bool:
    return len(steps) == step


def outlive_the_start(line: ProcfileRun, names: tuple[str, ...]) -> None:
    line.eventually(lambda: not any(line.gates[name].open for name in names))
    found = {line.gates[name].steps[-1].partition(" ")[0] for name in names}
    assert found == {step.partition(" ")[0] for step in STARTS}
    line.eventually(lambda: all(line.outages(name) for name in names))
    for name in names:
        line.gates[name].let_pass()


def works(line: ProcfileRun) -> None:
    """What is due is found by the clock and done by each worker, and calls are answered."""
    for member in WORKERS.values():
        line.redis.zadd(keys.DUE, {member: 1.0})
    line.eventually(lambda: not any(line.redis.zscore(keys.DUE, member) for member in WORKERS.values()))
    sid = "CA" + os.urandom(16).hex()
    line.eventually(lambda: "Gather" in Twilio(settings=line.settings).post("/voice/answer", call(sid)).verbs)


def test_with_the_port_of_a_runner_it_listens_on_all_addresses(line: ProcfileRun) -> None:
    assert answers_http(f"{OTHER}:{line.port}", "/health")()


def test_ivr_host_decides_where_it_listens_all_the_same(beside: ProcfileRun) -> None:
    beside.eventually(answers_http(f"127.0.0.1:{beside.port}", "/health"))
    assert not answers_http(f"{OTHER}:{beside.port}", "/health")()
    beside.honcho.terminate()


class Steps:
    """Cuts processes that do the same off before every step of their loop, each step once. Together they are done sooner.

    `failures`: for how many failures of its loop a process is cut off, each time.
    """

    def __init__(
        self, line: ProcfileRun, names: Iterable[str], *, over: Callable[[list[str]], bool], failures: int
    ) -> None:
        self.line, self.over, self.failures = line, over, failures
        self.met: set[str] = set()
        self._noticed = {name: line.outages(name) for name in names}  # of those that are not done
        line.gates.close(*names)

    def all_done(self) -> bool:
        """Let processes that failed go on. Return whether all came through their loop without being cut off."""
        for name, noticed in list(self._noticed.items()):
            gate, told = self.line.gates[name], self.line.outages(name)
            if gate.open and self.over(gate.steps):
                del self._noticed[name]
                gate.let_pass()
            elif not gate.open and told >= noticed + self.failures:
                self._noticed[name] = told
                self._same_again(name)
                gate.let_pass(until=self._is_new)
        return not self._noticed

    def _is_new(self, steps: list[str]) -> bool:
        """Whether nobody was cut off before this step yet: the same words, as often before in one loop."""
        *before, last = (
            re.sub(r"[\w-]*\d[\w.:-]*|\b(?:offer|promise|text|photo)\b", "_", step) for step in steps
        )
        step = f"{last} #{before.count(last)}"
        if self.over(steps) or step in self.met:
            return False
        self.met.add(step)
        return True

    def _same_again(self, name: str) -> None:
        """There is one thing to do, and nothing left of the last time: a lock or a job in hand would change the steps."""
        if name == CLOCK:
            self.line.redis.zadd(keys.DUE, {WORKERS["offers.1"]: 1.0})
            return
        bell, queue = self.line.bell(), name.partition(".")[0]
        bell.discard_taken_jobs()
        self.line.redis.delete(f"rq:queue:{queue}", f"rq:clean_registries:{queue}", "rq:clean_groups")
        bell.enqueue(WORKERS[name])


def did_a_job(steps: list[str]) -> bool:
    return sum(step.startswith("BLMOVE") for step in steps) > 1


def rang(steps: list[str]) -> bool:
    """And has begun its next look."""
    first = next((n for n, step in enumerate(steps) if "rq:queue:offers" in step), len(steps))
    return any(step.startswith("TIME") for step in steps[first:])


def test_no_process_ends_when_redis_goes_away_before_any_step_of_its_loop(line: ProcfileRun) -> None:
    workers = Steps(line, WORKERS, over=did_a_job, failures=2)  # as they begin anew, they fail at once
    clock = Steps(line, [CLOCK], over=rang, failures=1)
    line.eventually(lambda: all([workers.all_done(), clock.all_done()]))
    met = " ".join(workers.met | clock.met)
    for step in (
        "CLIENT SETNAME",  # a worker begins
        "rq:clean_registries",  # keeps house
        "BLMOVE",  # waits for a job
        "HGETALL rq:job",  # has taken one
        "HSET rq:execution",  # begins it
        "HGETALL quarantine",  # is at it
        "WATCH rq:job",  # writes down that it is done
        "SUBSCRIBE due_now",  # the clock begins
        "GET scheduler_last_run",  # looks what it has missed
        "rq:queue:offers",  # rings
    ):
        assert step in met, step
    works(line)


def test_the_web_server_answers_when_redis_goes_away_before_any_step_of_a_webhook(line: ProcfileRun) -> None:
    gate, twilio = line.gates["web.1"], Twilio(settings=line.settings)
    for step in count(1):
        gate.let_pass(until=partial(reaches, step))
        answer = twilio.post("/voice/answer", call("CA" + os.urandom(16).hex()))
        if gate.open:
            break
        assert "Dial" in answer.verbs or "Record" in answer.verbs or "our system has a fault" in answer.words
    gate.let_pass()
    assert step > 2
    works(line)


def test_no_process_ends_when_redis_is_killed_and_comes_back_empty(line: ProcfileRun) -> None:
    """For as long as every process takes to find it away three times; RQ's workers register with the new one."""
    line.kill_server()
    before = {name: line.outages(name) for name in EVERYBODY}
    line.eventually(lambda: all(line.outages(name) > before[name] + 2 for name in EVERYBODY))
    shutil.rmtree(line.server.folder / "appendonlydir")
    line.start_server()
    line.eventually(line.bell().every_queue_has_worker)
    works(line)


def test_workers_register_again_when_redis_lost_that_without_their_noticing(line: ProcfileRun) -> None:
    line.redis.delete(*line.redis.keys("rq:worker*"))
    line.eventually(line.bell().every_queue_has_worker)
    works(line)


def test_no_process_ends_while_redis_hangs(line: ProcfileRun) -> None:
    with told_by(line, *EVERYBODY):
        line.valkey.send_signal(signal.SIGSTOP)
    line.valkey.send_signal(signal.SIGCONT)
    works(line)


def test_no_process_ends_while_redis_is_a_replica_that_refuses_writes(line: ProcfileRun) -> None:
    with told_by(line, *EVERYBODY):
        line.redis.replicaof("127.0.0.1", str(free_port()))
    line.redis.replicaof("NO", "ONE")
    works(line)


def test_no_process_ends_while_memory_is_full(line: ProcfileRun) -> None:
    """The clock does what is due itself then, also when it has been cut off meanwhile."""
    with told_by(line, *WORKERS):
        line.redis.config_set("maxmemory", "1mb")
    with told_by(line, CLOCK):
        line.gates.close(CLOCK)
    line.gates[CLOCK].let_pass()
    member = WORKERS["offers.1"]
    line.redis.eval(f"#!lua flags=allow-oom\nreturn redis.call('ZADD', '{keys.DUE}', 1, '{member}')", 0)
    line.eventually(lambda: not line.redis.zscore(keys.DUE, member))
    line.redis.config_set("maxmemory", "0")
    works(line)


@pytest.mark.parametrize("argv", [("worker", "offers"), ("scheduler",)], ids=lambda argv: argv[0])
def test_told_to_stop_during_an_outage_it_ends_as_it_should(line: ProcfileRun, argv: tuple[str, ...]) -> None:
    """One that has not reached its loop yet, and one that has."""
    nowhere = {"REDIS_URL": f"unix://{line.folder / 'nowhere'}"}
    with one_more(line, argv, nowhere) as begins, one_more(line, argv) as works_:
        gate = line.gates[str(works_.pid)]
        line.eventually(lambda: any(step.startswith(("BLMOVE", "XRANGE")) for step in gate.steps))
        line.gates.close(str(works_.pid))
        for process in (begins, works_):
            assert process.stderr
            assert any("redis_unreachable" in said for said in process.stderr)
            process.terminate()
            assert process.wait() == 0, process.stderr.read()


@contextmanager
def one_more(
    line: ProcfileRun, argv: tuple[str, ...], env: Mapping[str, str] = MappingProxyType({})
) -> Iterator[Process]:
    """One process more, without honcho: its shell would hide the exit code."""
    with subprocess.Popen(
        ivr_command(*argv),
        env={**line.environment(), **env},
        cwd=line.folder,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            yield process
        finally:
            process.kill()


@contextmanager
def told_by(line: ProcfileRun, *names: str) -> Iterator[None]:
    """What happens within is found out by each of these processes before it ends."""
    before = {name: line.outages(name) for name in names}
    yield
    line.eventually(lambda: all(line.outages(name) > before[name] for name in names))
