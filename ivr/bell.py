"""The bell: the only place that knows RQ. It tells a worker to look at a record; the record itself says what is owed.

A lost job costs a grace period (the reconciler rings again), a doubled one finds nothing left to do. So RQ's own
retries and scheduler are not used. JSON instead of RQ's default pickle: a job must not be able to carry code.
"""

from __future__ import annotations

import threading
from typing import Any

import structlog
from redis import Redis
from redis.exceptions import RedisError
from rq import Queue, SimpleWorker, Worker
from rq.exceptions import StopRequested
from rq.serializers import JSONSerializer
from rq.utils import import_attribute

log = structlog.get_logger()

OFFERS, CALLBACKS, MESSAGES, PHOTOS = "offers", "callbacks", "messages", "photos"
QUEUES = {
    "agent": OFFERS,
    "contact": OFFERS,
    "offer": OFFERS,
    "promise": CALLBACKS,
    "dialled": CALLBACKS,
    "text": MESSAGES,
    "notice": MESSAGES,
    "outage": MESSAGES,
    "recordings": MESSAGES,
    "quarantine": MESSAGES,
    "photo": PHOTOS,  # a slow one holds up no text
    "forgetting": PHOTOS,
    "sweep": PHOTOS,
}
JOB = "workers.jobs.look"  # by name: ivr never imports the workers
PREPARE = "workers.jobs.prepare"
# seconds; a worker waits in Redis for jobs, so it must be longer than Listener.dequeue_timeout
PATIENCE = 4.0
AGAIN = 0.5  # seconds
JOB_SECONDS = 60  # a job is a few REST calls of 10 s at most


class Bell:
    """`redis` must not decode responses: RQ reads bytes."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis
        self._queues = {
            name: Queue(name, connection=redis, serializer=JSONSerializer, default_timeout=JOB_SECONDS)
            for name in (OFFERS, CALLBACKS, MESSAGES, PHOTOS)
        }

    def ring(self, member: str) -> None:
        """Have a worker look at `member` ("promise:p7k2") soon."""
        noun = member.partition(":")[0]
        self._queues[QUEUES[noun]].enqueue_call(JOB, args=(member,), result_ttl=0, failure_ttl=7 * 86400)

    def at_work(self) -> list[tuple[str, str]]:
        """Commands that count the jobs queued, taken and running: the hand-driven clock waits for none."""
        return [
            command
            for queue in self._queues.values()
            for command in (
                ("LLEN", queue.key),
                ("LLEN", queue.intermediate_queue_key),
                ("ZCARD", queue.started_job_registry.key),
            )
        ]

    def let_go(self) -> None:
        """Forget what workers have in hand. A worker that was killed leaves its job there, and nobody goes on with it."""
        for queue in self._queues.values():
            self._redis.delete(queue.intermediate_queue_key, queue.started_job_registry.key)

    def failed(self) -> dict[str, int]:
        return {name: q.failed_job_registry.count for name, q in self._queues.items()}

    def drop(self, member: str) -> None:
        """Jobs about it that failed are kept for a week, with its name: not these."""
        for queue in self._queues.values():
            for name in queue.failed_job_registry.get_job_ids(cleanup=False):
                job = queue.fetch_job(name)
                if job is not None and tuple(job.args) == (member,):
                    job.delete()

    def served(self) -> bool:
        """Every queue has a worker."""
        return all(Worker.count(queue=queue) for queue in self._queues.values())


class Listener(SimpleWorker):
    """Notices within seconds that the record hangs or is elsewhere now, and tries again every second.

    RQ's own would notice after 15 s, and wait twice as long after each attempt, a minute in the end. Its commands over
    pub/sub are not taken: a worker is stopped by a signal, and RQ leaves their thread behind when the record is away.
    """

    exponential_backoff_factor = 1.0
    dequeue_timeout = 2
    connection_timeout = int(PATIENCE)
    asked_to_stop = False

    def request_stop(self, signum: Any, frame: Any) -> None:
        self.asked_to_stop = True
        above: Any = super()  # rq does not type it
        above.request_stop(signum, frame)

    def subscribe(self) -> None:
        return

    def unsubscribe(self) -> None:
        return


def work(redis: Redis, queue: str) -> None:
    """Serve one queue until told to stop. One process a queue: several on one worker lose a popped job (rq 3.0.0).

    In this process rather than a forked one: connections to Redis and Twilio are kept, and what a job leaves undone
    is found by the reconciler whatever became of the process.
    """
    import_attribute(PREPARE)()  # what a job needs is loaded now, not while somebody waits for the first one
    pause = threading.Event()
    try:
        while not _serve(redis, queue):  # the record failed: a process made anew would cost callers seconds
            pause.wait(AGAIN)
    except StopRequested:
        return  # in the pause


def _serve(redis: Redis, queue: str) -> bool:
    """True when it was told to stop."""
    worker = Listener(
        [Queue(queue, connection=redis, serializer=JSONSerializer)],
        connection=redis,
        serializer=JSONSerializer,
        maintenance_interval=5,
        worker_ttl=20,
        log_job_description=False,
    )
    try:
        worker.work(logging_level="WARNING")
    except RedisError as e:
        log.error("record_unreachable", why=str(e))  # noqa: TRY400 - an outage, not a bug
    return worker.asked_to_stop
