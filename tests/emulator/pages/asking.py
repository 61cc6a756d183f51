"""Requests to the emulator's pages."""

import http.client
from typing import NamedTuple

from tests.emulator.harness import Emulator


class ShownEntry(NamedTuple):
    status: int
    headers: http.client.HTTPMessage
    body: bytes


def ask(
    emulator: Emulator, method: str, path: str, body: bytes | str | None = None, **headers: str
) -> ShownEntry:
    connection = http.client.HTTPConnection(emulator.address, timeout=10)
    try:
        connection.request(
            method, path, body, {name.replace("_", "-"): value for name, value in headers.items()}
        )
        answer = connection.getresponse()
        return ShownEntry(answer.status, answer.headers, answer.read())
    finally:
        connection.close()
