"""Jobs: the only place that knows RQ. A job tells a worker to process a record; the record itself says what is owed.

A lost job costs a grace period (the scheduler enqueues it again), a doubled one finds nothing left to do. So RQ's own
retries and scheduler are not used. JSON instead of RQ's default pickle: a job must not be able to carry code.
"""

from __future__ import annotations

import contextlib
import signal
import threading
from typing import Any
from uuid import uuid4

import structlog
from redis import Redis
from rq import Queue, SimpleWorker, Worker, worker_registration
from rq.exceptions import DequeueTimeout, StopRequested
from rq.serializers import JSONSerializer
from rq.utils import import_attribute
from rq.worker import WorkerStatus

from ivr.redis_errors import is_outage

log = structlog.get_logger()

AGENT_LEGS, CALLBACKS, MESSAGES, PHOTOS = "offers", "callbacks", "messages", "photos"
QUEUE_BY_RECORD_TYPE = {
    "agent": AGENT_LEGS,
    "contact": AGENT_LEGS,
    "agent_leg": AGENT_LEGS,
    "promise": CALLBACKS,
    "number_lock": CALLBACKS,
    "text": MESSAGES,
    "supervisor_alert": MESSAGES,
    "outage": MESSAGES,
    "recordings": MESSAGES,
    "quarantine": MESSAGES,
    "photo": PHOTOS,  # a slow one holds up no text
    "erasure": PHOTOS,
    "retention": PHOTOS,
}
JOB_FUNCTION = "workers.jobs.process_due"  # by name: ivr never imports the workers
PREPARE_FUNCTION = "workers.jobs.prepare_worker"
# seconds; longer than Listener.dequeue_timeout, for which a worker waits in Redis for jobs. Twice this is how long a
# worker takes to stop while Redis hangs: a Procfile runner kills after five seconds
REDIS_TIMEOUT_SECONDS = 2.0
RETRY_SECONDS = 0.5  # seconds
JOB_TIMEOUT_SECONDS = 60  # a job is a few REST calls of 10 s at most


class JobQueues:
    """`redis` must not decode responses: RQ reads bytes."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis
        self._queues = {
            name: Queue(
                name, connection=redis, serializer=JSONSerializer, default_timeout=JOB_TIMEOUT_SECONDS
            )
            for name in (AGENT_LEGS, CALLBACKS, MESSAGES, PHOTOS)
        }

    def enqueue(self, record_key: str) -> None:
        """Have a worker process `record_key` ("promise:p7k2") soon."""
        noun = record_key.partition(":")[0]
        self._queues[QUEUE_BY_RECORD_TYPE[noun]].enqueue_call(
            JOB_FUNCTION, args=(record_key,), result_ttl=0, failure_ttl=7 * 86400
        )

    def list_work_keys(self) -> list[str]:
        """Return three keys for each queue: of the jobs queued (a list), taken (a list) and running (a sorted set)."""
        return [
            key
            for queue in self._queues.values()
            for key in (queue.key, queue.intermediate_queue_key, queue.started_job_registry.key)
        ]

    def discard_taken_jobs(self) -> None:
        """Drop what workers have in hand. A worker that was killed leaves its job there, and nobody goes on with it."""
        for queue in self._queues.values():
            self._redis.delete(queue.intermediate_queue_key, queue.started_job_registry.key)

    def count_failed(self) -> dict[str, int]:
        return {name: q.failed_job_registry.count for name, q in self._queues.items()}

    def delete_failed(self, record_key: str) -> None:
        """Jobs about it that failed are kept for a week, with its name: not these."""
        for queue in self._queues.values():
            for name in queue.failed_job_registry.get_job_ids(cleanup=False):
                job = queue.fetch_job(name)
                if job is not None and tuple(job.args) == (record_key,):
                    job.delete()

    def every_queue_has_worker(self) -> bool:
        """Every queue has a worker."""
        return all(Worker.count(queue=queue) for queue in self._queues.values())


class JobWorker(SimpleWorker):
    """An RQ worker whose loop is ours: RQ's own logs an outage as a bug and ends, or tries again where nobody can count on it.

    Commands over pub/sub are not taken: a worker is stopped by a signal, and RQ leaves their thread behind during an outage.
    """

    dequeue_timeout = 1
    connection_timeout = int(REDIS_TIMEOUT_SECONDS)
    stop_requested = False

    def serve(self) -> None:
        """Do jobs until asked to stop. Every error reaches the caller."""
        self.bootstrap(logging_level="WARNING")
        while not self.stop_requested:
            self.check_for_suspension(burst=False)
            self.set_state(WorkerStatus.IDLE)
            self.heartbeat()
            if self.should_run_maintenance_tasks:
                self.run_maintenance_tasks()
            with contextlib.suppress(DequeueTimeout):
                self.execute_job(*self._next_job())

    def _next_job(self) -> tuple[Any, Queue]:
        """Wait for a job. Raises DequeueTimeout when none came within `dequeue_timeout`."""
        dequeue: Any = self.queue_class.dequeue_any  # rq types it only in part
        job, queue = dequeue(
            self.queues, self.dequeue_timeout, connection=self.connection, serializer=self.serializer
        )
        return job, queue

    def register_birth(self) -> None:
        """Register over what an outage left of this worker: RQ refuses a name that is registered."""
        self.connection.delete(self.key, self.executions_key)
        above: Any = super()  # rq does not type it
        above.register_birth()

    def run_maintenance_tasks(self) -> None:
        """Register again first when Redis lost that: RQ registers once, and this queue would seem to have no worker."""
        if self.key not in worker_registration.get_keys(queue=self.queues[0]):
            self.register_birth()
        above: Any = super()
        above.run_maintenance_tasks()

    def request_stop(self, signum: Any, frame: Any) -> None:
        self.stop_requested = True
        above: Any = super()
        above.request_stop(signum, frame)

    def set_shutdown_requested_date(self) -> None:
        """Write nothing: RQ calls this in the signal handler, where an outage would break into the job in hand."""

    def subscribe(self) -> None:
        return

    def unsubscribe(self) -> None:
        return


def load_job_modules() -> None:
    """Load what jobs need, so that nobody waits for it at the first one. Raises Unavailable and InvalidFlows."""
    import_attribute(PREPARE_FUNCTION)()


def serve_queue(redis: Redis, queue: str) -> None:
    """Serve one queue until a signal stops it. One process a queue: several on one worker lose a popped job (rq 3.0.0).

    In this process rather than a forked one: connections to Redis and Twilio are kept, and what a job leaves undone
    is found by the scheduler whatever became of the process.

    No error of the loop ends the process. An outage passes; after a bug, a new process would meet the same bug, and under
    a Procfile runner a process that ends takes the whole line down. The log has a bug's traceback at each attempt, and
    `/ready` reports jobs that are overdue. An error of a job itself goes to RQ's failed jobs.
    """
    name = (
        uuid4().hex
    )  # kept after an outage: the old name would be counted as another worker until it expires
    pause = threading.Event()
    try:
        while not _serve_until_error(redis, queue, name):
            pause.wait(RETRY_SECONDS)
    except StopRequested:
        return  # the signal came just as the worker had failed


def _serve_until_error(redis: Redis, queue: str, name: str) -> bool:
    """Serve until stopped or until an error. Returns whether a signal asked to stop."""
    before = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}
    worker: Any = None
    try:
        worker = JobWorker(
            [Queue(queue, connection=redis, serializer=JSONSerializer)],
            name=name,
            connection=redis,
            serializer=JSONSerializer,
            maintenance_interval=5,
            worker_ttl=20,
            log_job_description=False,
        )
        for number in before:
            signal.signal(number, worker.request_stop)
        with contextlib.suppress(StopRequested):
            worker.serve()
        worker.teardown()
    except Exception as e:
        if is_outage(e):
            log.error("redis_unreachable", why=str(e))  # noqa: TRY400 - an outage, not a bug
        else:
            log.exception("worker_failed", queue=queue)
    finally:
        for number, handler in before.items():  # not the failed worker's, which nobody asks any more
            signal.signal(number, handler)
    return worker is not None and worker.stop_requested
