"""What changes is told to every page that shows it, once, and nothing is missed, whatever happens to the connection."""

from __future__ import annotations

import threading
import time
from typing import Any
from urllib.parse import urlencode

from ivr.domain.records.customer import Customer
from ivr.services import Services
from ivr.store import keys
from ivr.store.queries import change_feed
from ivr.usecases.customers import case_thread
from ivr.web.staff.live.hub import MAX_UNREAD_ENTRIES, Hub, PageListener
from tests.usecases.promises.promised import owe
from tests.web.browser import hire
from tests.web.staff.live.page import Browse, Page, read, set_state


def test_a_page_is_told_what_it_shows_and_nothing_else(still: Services, hub: Hub) -> None:
    hire(still, "Diane")
    hire(still, "Vicki")
    page = Page(s=still, hub=hub, topics="agent:diane")
    page.ready()
    set_state(still, "Vicki")
    set_state(still, "Diane")
    told = page.next()
    assert told.topics == {"agent:diane"}
    assert told.id == still.store.read(change_feed.get_last_id())
    assert next(page.events).name == "beat"


def test_a_promise_is_news_for_whoever_looks_at_all_of_them_at_its_queue_and_its_case(
    still: Services, hub: Hub
) -> None:
    hire(still, "Diane")
    pages = {t: Page(s=still, hub=hub, topics=t) for t in ("promises", "queue:support", "queues", "cases")}
    for page in pages.values():
        page.ready()
    promise = owe(still)
    for topic in ("promises", "queue:support", "queues"):
        assert topic in pages[topic].next().topics
    change = still.store.begin()
    case_thread.add_entry("k1", "note", change, words="what she said")
    assert still.store.commit(change)
    assert pages["cases"].next().topics == {"cases"}
    told = str(still.store.redis.xrange(keys.CHANGE_FEED))
    assert f"promise:{promise.id}" in told
    assert "case:k1" in told


def test_no_number_and_no_word_of_anybody_stands_in_the_stream(still: Services) -> None:
    promise = owe(still)
    change = still.store.begin()
    change.put(None, Customer(id="+12025550177", name="Lori Miller"))
    case_thread.add_entry("k1", "note", change, words="what she said")
    assert still.store.commit(change)
    told = str(still.store.redis.xrange(keys.CHANGE_FEED))
    assert promise.id in told
    for private in ("+1", "5550", "Lori", "said"):
        assert private not in told


def test_what_happened_between_the_page_and_its_connection_is_told_first(still: Services, hub: Hub) -> None:
    hire(still, "Diane")
    since = still.store.read(change_feed.get_last_id())
    set_state(still, "Diane")
    page = Page(s=still, hub=hub, topics="agent:diane", since=since)
    assert next(page.events).topics == {"agent:diane"}
    page.ready()


def entries(services: Services, since: str = "-") -> list[tuple[str, dict[str, str]]]:
    found: Any = services.store.redis.xrange(keys.CHANGE_FEED, since)
    return list(found)


def test_after_a_reconnect_what_was_missed_comes_from_the_stream_and_once(
    still: Services, browse: Browse
) -> None:
    hire(still, "Diane")
    hire(still, "Vicki")
    diane = browse()
    diane.sign_in("Diane")
    before = still.store.read(change_feed.get_last_id())
    for name in ("Diane", "Vicki", "Diane"):
        set_state(still, name)
    ids = [name for name, told in entries(still, f"({before}") if "diane" in str(told)]
    for since, header, missed in (
        (before, "", ids),
        ("0-0", ids[0], ids[1:]),  # what the browser heard last goes before what the page began with
        (ids[1], "", []),
        ("", ids[1], []),
        ("nonsense", "\x00", []),
    ):
        sent = {"Last-Event-ID": header} if header.isprintable() and header else {}
        with diane.client.get(
            f"/live?{urlencode({'on': 'agent:diane', 'since': since})}", base_url=diane.base, headers=sent
        ) as answer:
            assert answer.mimetype == "text/event-stream"
            assert answer.headers["X-Accel-Buffering"] == "no"
            got = []
            for chunk in answer.response:
                event = read(chunk.decode() if isinstance(chunk, bytes) else chunk)
                if event and event.name == "beat":
                    break
                if event:
                    got.append(event.id)
            assert got == missed, (since, header)


def test_what_cannot_be_told_one_by_one_is_told_as_everything(still: Services, hub: Hub) -> None:
    hire(still, "Diane")
    old = still.store.read(change_feed.get_last_id())
    for _ in range(5):
        set_state(still, "Diane")
    still.store.redis.xtrim(keys.CHANGE_FEED, maxlen=2, approximate=False)
    (news,) = change_feed.list_entries_after(still.store, old, limit=500)
    assert news.topics == change_feed.ALL_TOPICS  # trimmed
    ahead = "99999999999999-0"
    (news,) = change_feed.list_entries_after(still.store, ahead, limit=500)
    assert (news.topics, news.id) == (
        change_feed.ALL_TOPICS,
        still.store.read(change_feed.get_last_id()),
    )  # another record, restored
    page = Page(s=still, hub=hub, topics="agent:vicki", since=old)
    assert next(page.events).topics == {"*"}
    (many,) = change_feed.list_entries_after(still.store, entries(still)[0][0], limit=0)
    assert many.topics == change_feed.ALL_TOPICS


def test_a_record_that_went_back_is_noticed_and_everything_is_looked_at_anew(
    still: Services, hub: Hub
) -> None:
    hire(still, "Diane")
    page = Page(s=still, hub=hub, topics="agent:diane")
    page.ready()
    still.store.redis.delete(keys.CHANGE_FEED)
    still.store.redis.xadd(keys.CHANGE_FEED, {"topics": "agent:vicki"}, id="5-0")
    assert page.next().topics == {"*"}
    still.store.redis.xadd(keys.CHANGE_FEED, {"topics": "agent:diane"}, id="6-0")
    assert page.next().topics == {"agent:diane"}


def test_nothing_is_missed_and_nothing_told_twice_while_pages_come_and_changes_are_made(
    still: Services, hub: Hub
) -> None:
    hire(still, "Diane")
    start, made, stop = still.store.read(change_feed.get_last_id()), list[str](), threading.Event()

    def write() -> None:
        while not stop.is_set():
            name = still.store.redis.xadd(keys.CHANGE_FEED, {"topics": f"agent:n{len(made)} agent:diane"})
            made.append(str(name))
            time.sleep(0.0005)  # noqa: TID251 - another process writes meanwhile

    writer = threading.Thread(target=write)
    writer.start()
    pages = [Page(s=still, hub=hub, topics="agents", since=start, who="Diane") for _ in range(5)]
    heard = [[next(page.events) for _ in range(40)] for page in pages]
    stop.set()
    writer.join()
    for page, events in zip(pages, heard, strict=True):
        while events[-1].id != made[-1]:
            events.append(next(page.events))
        ids = [e.id for e in events if e.name == "changed"]
        assert ids == sorted(set(ids), key=change_feed.parse_entry_id)
        assert [e.id for e in events] == sorted((e.id for e in events), key=change_feed.parse_entry_id)
        # one by one, or several as one up to the last of them: none of them after it
        assert change_feed.parse_entry_id(ids[0]) >= change_feed.parse_entry_id(made[0])
        assert ids[-1] == made[-1]


def test_each_entry_reaches_each_listener(still: Services, hub: Hub) -> None:
    hire(still, "Diane")
    listeners = [hub.subscribe(frozenset({f"agent:n{n}"}), f"p{n}") for n in range(60)]
    for n in range(60):
        still.store.redis.xadd(keys.CHANGE_FEED, {"topics": f"agent:n{n}"})
    for n, listener in enumerate(listeners):
        news = listener.wait_for_entries(5)
        assert news is not None
        assert news.topics == {f"agent:n{n}"}
        assert listener.wait_for_entries(0) is None


def test_a_beat_says_how_far_a_page_has_been_told_so_that_little_is_read_after_a_reconnect(
    still: Services, hub: Hub
) -> None:
    hire(still, "Diane")
    hire(still, "Vicki")
    page = Page(s=still, hub=hub, topics="agent:diane")
    page.ready()
    set_state(still, "Vicki")
    head = still.store.read(change_feed.get_last_id())
    assert any(next(page.events).id == head for _ in range(5))


def test_a_page_that_does_not_keep_up_is_told_to_look_at_everything(still: Services) -> None:
    slow = PageListener(frozenset({"agents"}), "diane")
    for n in range(MAX_UNREAD_ENTRIES + 5):
        slow.add_entry(change_feed.FeedEntry(id=f"{n + 1}-0", topics=frozenset({"agents"})))
    news = slow.wait_for_entries(0)
    assert news is not None
    assert news.topics == change_feed.ALL_TOPICS
    slow.add_entry(change_feed.FeedEntry(id="999-0", topics=frozenset({"agents"})))
    news = slow.wait_for_entries(0)
    assert news is not None
    assert news.topics == {"agents"}
