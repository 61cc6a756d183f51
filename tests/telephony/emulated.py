"""A Twilio on this machine, for tests to speak to."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.request import Request, urlopen

SID, TOKEN = "AC" + "1" * 32, "2" * 32
LINE = "+12025550100"


class Emulator:
    """What a test says to the people behind the telephones."""

    def __init__(self, url: str) -> None:
        self.url = url

    def ask(self, method: str, path: str, **body: Any) -> Any:
        request = Request(  # noqa: S310 - our own emulator
            self.url + path, json.dumps(body).encode(), {"Content-Type": "application/json"}, method=method
        )
        with urlopen(request, timeout=10) as answer:  # noqa: S310
            return json.load(answer)

    def phone(self, number: str, **manners: Any) -> None:
        self.ask("PUT", f"/emulator/phones/{number}", **manners)

    def fault(self, what: str, match: str, **more: Any) -> None:
        self.ask("POST", "/emulator/faults", where="rest", what=what, match=match, **more)


@contextmanager
def running() -> Iterator[str]:
    """The address of an emulator that lives as long as the block."""
    argv = [sys.executable, "-m", "ivr.emulator", "--port", "0", "--account-sid", SID, "--auth-token", TOKEN]
    with subprocess.Popen(argv, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout
            yield json.loads(process.stdout.readline())["url"]
        finally:
            process.terminate()


def fresh(url: str) -> Emulator:
    """The same one with nobody in it and nothing going wrong."""
    emulator = Emulator(url)
    emulator.ask("POST", "/emulator/reset")
    emulator.ask("DELETE", "/emulator/faults")
    return emulator
