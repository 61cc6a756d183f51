"""Photos as Twilio posts them."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

from ivr.domain.records.customer import Case, Text
from ivr.domain.records.photo import Photo
from ivr.services import Services
from ivr.store import keys
from ivr.store.queries import due_index
from ivr.usecases.customers import case_thread
from ivr.usecases.incoming_texts import actions as incoming_texts
from ivr.usecases.scheduler import dispatch
from tests.telephony.emulated import Emulator

LINE, LORI = "+12025550100", "+12025550155"


@dataclass(kw_only=True)
class Post:
    """Lori's telephone and our line, with nobody at work: `work` is what the workers would do."""

    s: Services
    emulator: Emulator
    folder: Path

    def sends(self, *data: bytes, words: str = "", kind: str = "image/jpeg", number: str = LORI) -> str:
        """A text with pictures comes in; its MessageSid."""
        urls = [self._upload(one, kind) for one in data]
        told = {"from": number, "to": LINE, "body": words, "media": urls}
        sid: str = self.emulator.ask("POST", "/emulator/texts", **told)["sid"]
        self.receive(sid, words, number)
        return sid

    def receive(self, sid: str, words: str = "", number: str = LORI, media: tuple[str, ...] = ()) -> None:
        urls = media or self.s.telephony.list_media_urls(sid)
        incoming_texts.receive_text(self.s, from_=number, to=LINE, body=words, sid=sid, media=urls)

    def _upload(self, data: bytes, kind: str) -> str:
        request = Request(f"{self.emulator.url}/emulator/pictures", data, {"Content-Type": kind})  # noqa: S310
        with urlopen(request, timeout=10) as answer:  # noqa: S310
            url: str = json.load(answer)["url"]
        return url

    def work(self, seconds: float = 0.0) -> None:
        """Time passes, and a worker looks at all photos that are due, until none is."""
        at = self.s.clock.now() + seconds
        self.s.store.redis.set(keys.MANUAL_CLOCK, f"{at:.3f}")
        self.s.clock.sync()
        while due := [
            m for m in due_index.take_due(self.s.store, at, grace_seconds=5) if m.startswith("photo:")
        ]:
            for member in due:
                dispatch.process_due(self.s, member)

    def photos(self) -> list[Photo]:
        return self.s.store.list_all(Photo)

    def photo(self) -> Photo:
        (found,) = self.photos()
        return found

    def files(self) -> list[str]:
        return sorted(f.name for f in self.folder.iterdir()) if self.folder.exists() else []

    def texts(self) -> list[str]:
        return [t.body for t in self.s.store.list_all(Text)]

    def owed(self) -> list[str]:
        return [m for m in self.s.store.read(due_index.list_scheduled()) if m.startswith("photo:")]

    def fetches(self) -> list[str]:
        """What was asked of Twilio about files."""
        log = self.emulator.ask("GET", "/emulator/log")["entries"]
        asked = [e["path"] for e in log if e["kind"] == "rest" and e["method"] == "GET"]
        return [path for path in asked if "/Media/ME" in path]

    def put(self, *records: Any) -> None:
        change = self.s.store.begin()
        for record in records:
            change.put(None, record)
        assert self.s.store.commit(change)

    def thread(self, kind: str = "photo") -> list[dict[str, Any]]:
        cases = self.s.store.list_all(Case)
        return [e for c in cases for e in case_thread.get_thread(self.s, c.id) if e["kind"] == kind]
