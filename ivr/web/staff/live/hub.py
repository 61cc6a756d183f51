"""What changes, handed to every open page of this process: one reader of the stream, however many pages listen.

The reader runs while somebody listens. Under gevent its thread is a greenlet, and a page that listens costs one more, no connection to
the record. Webhooks are served by the same process, so the pages may not take all of its places (`MAX_PAGES`).
"""

from __future__ import annotations

import contextlib
import threading
from collections import Counter, defaultdict
from collections.abc import Callable
from queue import Empty, Full, Queue

import structlog
from prometheus_client import Gauge

from ivr.domain.errors import CalorError, Unavailable
from ivr.services import Services
from ivr.store.queries import change_feed
from ivr.store.queries.change_feed import ALL_TOPICS, FeedEntry, FeedReader

log = structlog.get_logger()

READ_WAIT_SECONDS = 1.0  # seconds that the reader waits for news before it looks whether anybody listens
RETRY_SECONDS = 1.0  # seconds between attempts to reach the record
MAX_PAGES = 3000  # pages of one process; `ivr web` serves 4000 connections in each
MAX_PAGES_PER_ACCOUNT = 20  # of one person
MAX_UNREAD_ENTRIES = 256  # entries that a page may lag behind before it is told to look at everything anew

OPEN_PAGES = Gauge("calor_live_pages_open", "Pages that listen for changes", multiprocess_mode="livesum")


class TooManyPages(CalorError):
    """Too many pages are open."""


class PageListener:
    """One open page. `topics`: what it shows."""

    def __init__(self, topics: frozenset[str], account_id: str) -> None:
        self.topics = topics
        self.account_id = account_id
        self.is_closed = False
        self._entries: Queue[FeedEntry | None] = Queue(maxsize=MAX_UNREAD_ENTRIES)
        self._has_overflowed = False

    def add_entry(self, entry: FeedEntry | None) -> None:
        try:
            self._entries.put_nowait(entry)
        except Full:
            self._has_overflowed = True

    def wait_for_entries(self, seconds: float) -> FeedEntry | None:
        """What has come, as one; None when nothing has within so many seconds, or it is over."""
        try:
            found = [self._entries.get(timeout=seconds)]
            while not self._entries.empty():
                found.append(self._entries.get_nowait())
        except Empty:
            return None
        news = [n for n in found if n is not None]
        if not news:
            return None
        topics = frozenset().union(*(n.topics for n in news))
        lost, self._has_overflowed = self._has_overflowed, False
        return FeedEntry(id=news[-1].id, topics=ALL_TOPICS if lost else topics)

    def close(self) -> None:
        self.is_closed = True
        self.add_entry(None)


class Hub:
    def __init__(self, services: Callable[[], Services]) -> None:
        self._services = services
        self._lock = threading.Lock()
        self._by_topic: dict[str, set[PageListener]] = defaultdict(set)
        self._listeners: set[PageListener] = set()
        self._pages_per_account: Counter[str] = Counter()
        self._reader: threading.Thread | None = None
        self._closed = threading.Event()
        self.last_id = change_feed.START_ID  # everything up to here has been told
        self.is_redis_down = False

    def subscribe(self, topics: frozenset[str], account_id: str) -> PageListener:
        """Raises TooMany, Unavailable. Whatever changes from now on is told; `unsubscribe` when the page is gone."""
        store = self._services().store
        with self._lock:
            if (
                len(self._listeners) >= MAX_PAGES
                or self._pages_per_account[account_id] >= MAX_PAGES_PER_ACCOUNT
                or self._closed.is_set()
            ):
                raise TooManyPages
            if self._reader is None:
                self.last_id = store.read(change_feed.get_last_id())
                self._reader = threading.Thread(target=self._run_reader, name="live", daemon=True)
                self._reader.start()
            listener = PageListener(topics, account_id)
            self._listeners.add(listener)
            self._pages_per_account[account_id] += 1
            for topic in topics:
                self._by_topic[topic].add(listener)
            OPEN_PAGES.inc()
            return listener

    def unsubscribe(self, listener: PageListener) -> None:
        """May be called twice."""
        with self._lock:
            if listener not in self._listeners:
                return
            self._listeners.discard(listener)
            self._pages_per_account -= Counter([listener.account_id])
            for topic in listener.topics:
                self._by_topic[topic].discard(listener)
                if not self._by_topic[topic]:
                    del self._by_topic[topic]
            OPEN_PAGES.dec()

    def close(self) -> None:
        """The process ends: every page goes to another one."""
        self._closed.set()
        with self._lock:
            reader, listeners = self._reader, list(self._listeners)
        for listener in listeners:
            listener.close()
        if reader is not None:
            reader.join(READ_WAIT_SECONDS + 3)

    # ---- the reader

    def _run_reader(self) -> None:
        s = self._services()
        with contextlib.closing(FeedReader(s.settings.redis_url, seconds=READ_WAIT_SECONDS)) as reader:
            while self._continue_reading():
                self._read_once(s, reader)

    def _read_once(self, services: Services, reader: FeedReader) -> None:
        try:
            # with nothing new: is it another record, restored, whose ids are lower?
            news = reader.wait_for_entries(self.last_id) or change_feed.list_entries_after(
                services.store, self.last_id, limit=MAX_UNREAD_ENTRIES
            )
        except Exception as e:  # whatever it is: every page of this process hangs on this thread
            if not self.is_redis_down:
                bug = None if isinstance(e, Unavailable) else e
                log.error("change_feed_unavailable", why=str(e), exc_info=bug)  # noqa: TRY400 - an outage is no bug
            self.is_redis_down = True
            self._closed.wait(RETRY_SECONDS)
        else:
            self.is_redis_down = False
            for one in news:
                self._distribute(one)

    def _continue_reading(self) -> bool:
        with self._lock:
            if self._closed.is_set() or not self._listeners:
                self._reader = None
                return False
            return True

    def _distribute(self, entry: FeedEntry) -> None:
        with self._lock:
            for listener in self._listeners_for(entry):
                listener.add_entry(entry)
            self.last_id = entry.id

    def _listeners_for(self, entry: FeedEntry) -> set[PageListener]:
        if entry.topics == ALL_TOPICS:
            return set(self._listeners)
        found: set[PageListener] = set()
        for topic in change_feed.add_record_type_topics(entry.topics):
            found |= self._by_topic.get(topic, set())
        return found
