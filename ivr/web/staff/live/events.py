"""`GET /live?on=TOPICS&since=ID`: an open page hears what has changed (server-sent events).

    id: 1795460400000-0
    event: changed
    data: agent:diane queue:support     topics that the page listens for; "*" = any may have

`beat` every some seconds, so that a lost connection is noticed; `away` instead while the record is; `over` when the sign-in has ended.
Each carries the id up to which the page has been told, so that nothing is missed after a reconnect (`Last-Event-ID`).
"""

from __future__ import annotations

from collections.abc import Generator, Iterator
from dataclasses import dataclass

from flask import Blueprint, Response, current_app, request
from werkzeug.exceptions import Unauthorized

from ivr.domain.errors import Unavailable
from ivr.services import Services
from ivr.store.queries import change_feed
from ivr.store.queries.change_feed import ALL_TOPICS, FeedEntry
from ivr.usecases.staff import sessions
from ivr.usecases.staff.sessions import SessionCookie
from ivr.web.request import services
from ivr.web.staff import errors
from ivr.web.staff.live.hub import Hub, PageListener, TooManyPages
from ivr.web.staff.session.access import ALL_ROLES, allow, current_user

routes = Blueprint("live", __name__)

HEARTBEAT_SECONDS = 15.0  # seconds; static/staff/live.js gives a connection up after twice as long
MAX_MISSED_ENTRIES = 500  # entries that are read one by one after a reconnect
MAX_TOPICS = 200  # of one page

TOO_MANY_PAGES = errors.ErrorMessage(
    status=503,
    title="Too many pages are open",
    what="This one does not follow what changes.",
    fix="Close some.",
)


@routes.get("/live")
@allow(*ALL_ROLES, unattended=True)
def listen() -> Response:
    """`?unattended`: of a page that hangs on a wall. Any other page is signed off when nobody has touched it for long."""
    signed, hub = current_user(), _get_hub()
    unattended = "unattended" in request.args
    if signed.idle and not unattended:
        raise Unauthorized
    topics = frozenset(t[:100] for t in request.args.get("on", "").split()[:MAX_TOPICS])
    since = request.headers.get("Last-Event-ID") or request.args.get("since", "")
    try:
        listener = hub.subscribe(topics | {signed.account.key}, signed.account.id)
    except TooManyPages:
        return errors.render_error(TOO_MANY_PAGES, extra_headers={"Retry-After": "30"})
    start = since if change_feed.is_entry_id(since) else signed.feed_head
    stream = EventStream(
        services=services(), hub=hub, listener=listener, cookie=signed.cookie, unattended=unattended
    )
    response = Response(stream.iter_events(start), content_type="text/event-stream; charset=utf-8")
    response.headers["X-Accel-Buffering"] = "no"  # nginx would keep it
    response.call_on_close(lambda: hub.unsubscribe(listener))
    return response


@dataclass(kw_only=True)
class EventStream:
    services: Services
    hub: Hub
    listener: PageListener
    cookie: SessionCookie
    unattended: bool = False
    heartbeat_seconds: float = HEARTBEAT_SECONDS

    def iter_events(self, since_id: str) -> Iterator[str]:
        yield "retry: 2000\n\n"
        last = yield from self._catch_up(since_id)
        yield _format_event("beat", last)
        while not self.listener.is_closed:
            told = self.hub.last_id  # before the look: everything up to there has been told or waits
            news = self.listener.wait_for_entries(self.heartbeat_seconds)
            if news is None:
                state = self._get_state_event()
                last = max(last, told, key=change_feed.parse_entry_id)
                yield _format_event(state, last)
            else:
                if news.topics == ALL_TOPICS or change_feed.parse_entry_id(
                    news.id
                ) > change_feed.parse_entry_id(last):
                    last = news.id
                    yield from self._changed_events(news)
                state = self._get_state_event() if news.topics & {self._account_topic, "*"} else "beat"
            if state == "over":
                if news is not None:
                    yield _format_event("over", last)
                return

    def _catch_up(self, since_id: str) -> Generator[str, None, str]:
        """What was missed; as soon as the record is there to tell it."""
        while not self.listener.is_closed:
            try:
                missed = change_feed.list_entries_after(
                    self.services.store, since_id, limit=MAX_MISSED_ENTRIES
                )
            except Unavailable:
                yield _format_event("away", since_id)
                self.listener.wait_for_entries(
                    self.heartbeat_seconds
                )  # what it tells is missed too, and told then
            else:
                for news in missed:
                    since_id = news.id
                    yield from self._changed_events(news)
                break
        return since_id

    @property
    def _account_topic(self) -> str:
        return f"account:{self.cookie.account_id}"

    def _changed_events(self, entry: FeedEntry) -> Iterator[str]:
        meant = (
            entry.topics
            if entry.topics == ALL_TOPICS
            else change_feed.add_record_type_topics(entry.topics) & self.listener.topics
        )
        if meant:
            yield _format_event("changed", entry.id, " ".join(sorted(meant)))

    def _get_state_event(self) -> str:
        """The event that says how things are."""
        if self.listener.is_closed:
            return "beat"
        try:
            signed = sessions.load_session(self.services, self.cookie, allow_idle=self.unattended)
        except Unavailable:
            return "away"
        if signed is None:
            return "over"
        return "away" if self.hub.is_redis_down else "beat"


def _format_event(name: str, last_id: str, data: str = "") -> str:
    return f"id: {last_id}\nevent: {name}\ndata: {data}\n\n"


def _get_hub() -> Hub:
    hub: Hub = current_app.extensions["hub"]
    return hub
