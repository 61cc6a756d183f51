"""What changes, handed to every open page of this process: one reader of the stream, however many pages listen.

The reader runs while somebody listens. Under gevent its thread is a greenlet, and a page that listens costs one more, no connection to
the record. Webhooks are served by the same process, so the pages may not take all of its places (`MOST`).
"""

from __future__ import annotations

import threading
from collections import Counter, defaultdict
from collections.abc import Callable
from queue import Empty, Full, Queue

import structlog
from prometheus_client import Gauge
from redis import Redis

from ivr.domain.errors import CalorError, Unavailable
from ivr.services import Services
from ivr.store.queries import change_feed
from ivr.store.queries.change_feed import ALL, News
from ivr.store.server.connection import connect

log = structlog.get_logger()

WAIT = 1.0  # seconds that the reader waits for news before it looks whether anybody listens
AGAIN = 1.0  # seconds between attempts to reach the record
MOST = 3000  # pages of one process; `ivr web` serves 4000 connections in each
MOST_OF_ONE = 20  # of one person
BEHIND = 256  # entries that a page may lag behind before it is told to look at everything anew

OPEN = Gauge("calor_live_pages_open", "Pages that listen for changes", multiprocess_mode="livesum")


class TooMany(CalorError):
    """Too many pages are open."""


class Listener:
    """One open page. `topics`: what it shows."""

    def __init__(self, topics: frozenset[str], owner: str) -> None:
        self.topics = topics
        self.owner = owner
        self.over = False
        self._news: Queue[News | None] = Queue(maxsize=BEHIND)
        self._lost = False

    def tell(self, news: News | None) -> None:
        try:
            self._news.put_nowait(news)
        except Full:
            self._lost = True

    def take(self, seconds: float) -> News | None:
        """What has come, as one; None when nothing has within so many seconds, or it is over."""
        try:
            found = [self._news.get(timeout=seconds)]
            while not self._news.empty():
                found.append(self._news.get_nowait())
        except Empty:
            return None
        news = [n for n in found if n is not None]
        if not news:
            return None
        topics = frozenset().union(*(n.topics for n in news))
        lost, self._lost = self._lost, False
        return News(id=news[-1].id, topics=ALL if lost else topics)

    def end(self) -> None:
        self.over = True
        self.tell(None)


class Hub:
    def __init__(self, services: Callable[[], Services]) -> None:
        self._services = services
        self._lock = threading.Lock()
        self._by_topic: dict[str, set[Listener]] = defaultdict(set)
        self._listeners: set[Listener] = set()
        self._owners: Counter[str] = Counter()
        self._reader: threading.Thread | None = None
        self._closed = threading.Event()
        self.last = change_feed.START  # everything up to here has been told
        self.away = False

    def listen(self, topics: frozenset[str], owner: str) -> Listener:
        """Raises TooMany, Unavailable. Whatever changes from now on is told; `leave` when the page is gone."""
        store = self._services().store
        with self._lock:
            if len(self._listeners) >= MOST or self._owners[owner] >= MOST_OF_ONE or self._closed.is_set():
                raise TooMany
            if self._reader is None:
                self.last = change_feed.head(store)
                self._reader = threading.Thread(target=self._read, name="live", daemon=True)
                self._reader.start()
            listener = Listener(topics, owner)
            self._listeners.add(listener)
            self._owners[owner] += 1
            for topic in topics:
                self._by_topic[topic].add(listener)
            OPEN.inc()
            return listener

    def leave(self, listener: Listener) -> None:
        """May be called twice."""
        with self._lock:
            if listener not in self._listeners:
                return
            self._listeners.discard(listener)
            self._owners -= Counter([listener.owner])
            for topic in listener.topics:
                self._by_topic[topic].discard(listener)
                if not self._by_topic[topic]:
                    del self._by_topic[topic]
            OPEN.dec()

    def close(self) -> None:
        """The process ends: every page goes to another one."""
        self._closed.set()
        with self._lock:
            reader, listeners = self._reader, list(self._listeners)
        for listener in listeners:
            listener.end()
        if reader is not None:
            reader.join(WAIT + 3)

    # ---- the reader

    def _read(self) -> None:
        s = self._services()
        redis = connect(s.settings.redis_url, patience=WAIT + 1, most=1)
        try:
            while self._wanted():
                self._step(s, redis)
        finally:
            redis.close()
            redis.connection_pool.disconnect()

    def _step(self, s: Services, redis: Redis) -> None:
        try:
            # with nothing new: is it another record, restored, whose ids are lower?
            news = change_feed.wait(redis, self.last, seconds=WAIT) or change_feed.since(
                s.store, self.last, most=BEHIND
            )
        except Exception as e:  # whatever it is: every page of this process hangs on this thread
            if not self.away:
                bug = None if isinstance(e, Unavailable) else e
                log.error("change_feed_unavailable", why=str(e), exc_info=bug)  # noqa: TRY400 - an outage is no bug
            self.away = True
            self._closed.wait(AGAIN)
        else:
            self.away = False
            for one in news:
                self._tell(one)

    def _wanted(self) -> bool:
        with self._lock:
            if self._closed.is_set() or not self._listeners:
                self._reader = None
                return False
            return True

    def _tell(self, news: News) -> None:
        with self._lock:
            for listener in self._meant(news):
                listener.tell(news)
            self.last = news.id

    def _meant(self, news: News) -> set[Listener]:
        if news.topics == ALL:
            return set(self._listeners)
        found: set[Listener] = set()
        for topic in change_feed.families(news.topics):
            found |= self._by_topic.get(topic, set())
        return found
