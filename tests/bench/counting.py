"""A proxy on the record's socket that counts how often the app waited for it. It stands outside the app, which knows nothing of it."""

from __future__ import annotations

import selectors
import socket
import threading
from pathlib import Path
from types import TracebackType
from typing import Self


class Counting:
    """One round trip: whatever was sent on a connection, in one piece or several, until something came back."""

    def __init__(self, listen: Path, upstream: Path) -> None:
        self.path, self._upstream = listen, upstream
        self.trips = 0
        self._selector = selectors.DefaultSelector()
        self._door = socket.socket(socket.AF_UNIX)
        self._stop, self._told = socket.socketpair()
        self._asking: set[socket.socket] = set()
        self._thread = threading.Thread(target=self._run, name="counting", daemon=True)

    @property
    def url(self) -> str:
        return f"unix://{self.path}"

    def __enter__(self) -> Self:
        self._door.bind(str(self.path))
        self._door.listen()
        self._selector.register(self._door, selectors.EVENT_READ)
        self._selector.register(self._told, selectors.EVENT_READ)
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, e: BaseException | None, tb: TracebackType | None
    ) -> None:
        self._stop.send(b".")
        self._thread.join()
        for key in list(self._selector.get_map().values()):
            key.fileobj.close()  # type: ignore[union-attr] # only sockets are registered
        self._selector.close()
        self._stop.close()

    def _run(self) -> None:
        while True:
            for key, _ in self._selector.select():
                if key.fileobj is self._told:
                    return
                if key.fileobj is self._door:
                    self._welcome()
                elif key.fileobj in self._selector.get_map():  # its partner may just have gone
                    self._pass_on(key)

    def _welcome(self) -> None:
        client, _ = self._door.accept()
        server = socket.socket(socket.AF_UNIX)
        server.connect(str(self._upstream))
        self._selector.register(client, selectors.EVENT_READ, (server, client))
        self._selector.register(server, selectors.EVENT_READ, (client, None))

    def _pass_on(self, key: selectors.SelectorKey) -> None:
        """`data`: where it goes, and the client if it is the client who speaks."""
        from_: socket.socket = key.fileobj  # type: ignore[assignment] # only sockets are registered
        to, client = key.data
        data = from_.recv(65536)
        if not data:
            for one in (from_, to):
                self._selector.unregister(one)
                self._asking.discard(one)
                one.close()
            return
        if client is not None:
            self._asking.add(client)
        elif to in self._asking:
            self._asking.remove(to)
            self.trips += 1  # before it is passed on: whoever has the answer finds it counted
        to.sendall(data)
