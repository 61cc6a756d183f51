"""A page's stream of events, as a test reads it."""

import http.client
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from urllib.parse import urlencode

from tests.emulator.harness import Json


@dataclass(frozen=True, kw_only=True)
class Event:
    name: str
    data: Json
    ident: str


class Stream:
    def __init__(self, response: http.client.HTTPResponse) -> None:
        self._response = response

    def next(self) -> Event:
        """The next event. Raises TimeoutError when there is none for some seconds."""
        fields: dict[str, str] = {}
        while line := self._response.readline().decode().rstrip("\n"):
            name, _, value = line.partition(": ")
            assert name not in fields
            fields[name] = value
        return Event(name=fields["event"], data=json.loads(fields["data"]), ident=fields.get("id", ""))

    def until(self, name: str, **facts: object) -> Event:
        """The next event of that name whose data hold these facts."""
        return self.that(
            lambda one: one.name == name and all(one.data.get(key) == value for key, value in facts.items())
        )

    def that(self, fits: Callable[[Event], bool]) -> Event:
        while not fits(event := self.next()):
            pass
        return event

    def entries(self, count: int) -> list[Event]:
        return [self.until("entry") for _ in range(count)]


@contextmanager
def watching(address: str, last: str = "", **query: str | int) -> Iterator[Stream]:
    connection = http.client.HTTPConnection(address, timeout=10)
    headers = {"Last-Event-ID": last} if last else {}
    connection.request("GET", f"/emulator/events?{urlencode(query)}", headers=headers)
    response = connection.getresponse()
    try:
        assert response.status == 200
        assert response.headers["Content-Type"] == "text/event-stream"
        yield Stream(response)
    finally:
        response.close()
        connection.close()
