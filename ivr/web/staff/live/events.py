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
from ivr.store.queries.change_feed import ALL, News
from ivr.usecases.staff import sessions
from ivr.usecases.staff.sessions import Ticket
from ivr.web.request import services
from ivr.web.staff import errors
from ivr.web.staff.live.hub import Hub, Listener, TooMany
from ivr.web.staff.session.access import EVERYBODY, allow, me

routes = Blueprint("live", __name__)

BEAT = 15.0  # seconds; static/staff/live.js gives a connection up after twice as long
MISSED = 500  # entries that are read one by one after a reconnect
TOPICS = 200  # of one page

FULL = errors.Said(
    status=503,
    title="Too many pages are open",
    what="This one does not follow what changes.",
    fix="Close some.",
)


@routes.get("/live")
@allow(*EVERYBODY, unattended=True)
def listen() -> Response:
    """`?unattended`: of a page that hangs on a wall. Any other page is signed off when nobody has touched it for long."""
    signed, hub = me(), _hub()
    unattended = "unattended" in request.args
    if signed.idle and not unattended:
        raise Unauthorized
    topics = frozenset(t[:100] for t in request.args.get("on", "").split()[:TOPICS])
    since = request.headers.get("Last-Event-ID") or request.args.get("since", "")
    try:
        listener = hub.listen(topics | {signed.account.member}, signed.account.id)
    except TooMany:
        return errors.page(FULL, extra={"Retry-After": "30"})
    start = since if change_feed.is_id(since) else signed.head
    stream = Stream(s=services(), hub=hub, listener=listener, ticket=signed.ticket, unattended=unattended)
    response = Response(stream.events(start), content_type="text/event-stream; charset=utf-8")
    response.headers["X-Accel-Buffering"] = "no"  # nginx would keep it
    response.call_on_close(lambda: hub.leave(listener))
    return response


@dataclass(kw_only=True)
class Stream:
    s: Services
    hub: Hub
    listener: Listener
    ticket: Ticket
    unattended: bool = False
    beat: float = BEAT

    def events(self, since: str) -> Iterator[str]:
        yield "retry: 2000\n\n"
        last = yield from self._catch_up(since)
        yield _event("beat", last)
        while not self.listener.over:
            told = self.hub.last  # before the look: everything up to there has been told or waits
            news = self.listener.take(self.beat)
            if news is None:
                state = self._state()
                last = max(last, told, key=change_feed.order)
                yield _event(state, last)
            else:
                if news.topics == ALL or change_feed.order(news.id) > change_feed.order(last):
                    last = news.id
                    yield from self._changed(news)
                state = self._state() if news.topics & {self._account, "*"} else "beat"
            if state == "over":
                if news is not None:
                    yield _event("over", last)
                return

    def _catch_up(self, since: str) -> Generator[str, None, str]:
        """What was missed; as soon as the record is there to tell it."""
        while not self.listener.over:
            try:
                missed = change_feed.since(self.s.store, since, most=MISSED)
            except Unavailable:
                yield _event("away", since)
                self.listener.take(self.beat)  # what it tells is missed too, and told then
            else:
                for news in missed:
                    since = news.id
                    yield from self._changed(news)
                break
        return since

    @property
    def _account(self) -> str:
        return f"account:{self.ticket.account}"

    def _changed(self, news: News) -> Iterator[str]:
        meant = (
            news.topics if news.topics == ALL else change_feed.families(news.topics) & self.listener.topics
        )
        if meant:
            yield _event("changed", news.id, " ".join(sorted(meant)))

    def _state(self) -> str:
        """The event that says how things are."""
        if self.listener.over:
            return "beat"
        try:
            signed = sessions.look(self.s, self.ticket, unattended=self.unattended)
        except Unavailable:
            return "away"
        if signed is None:
            return "over"
        return "away" if self.hub.away else "beat"


def _event(name: str, last: str, data: str = "") -> str:
    return f"id: {last}\nevent: {name}\ndata: {data}\n\n"


def _hub() -> Hub:
    hub: Hub = current_app.extensions["hub"]
    return hub
