"""Connection overrides: the fragment of a webhook URL (https://www.twilio.com/docs/usage/webhooks/webhooks-connection-overrides)."""

from dataclasses import dataclass
from urllib.parse import parse_qsl, urldefrag

LIMIT = 15.0  # no request about a call takes longer in all


@dataclass(frozen=True, kw_only=True)
class Overrides:
    connect: float  # seconds
    read: float
    total: float
    retries: int
    policy: frozenset[str]  # ct, rt, 4xx, 5xx, all

    def retry(self, trouble: str) -> bool:
        return trouble in self.policy or "all" in self.policy


def split(url: str) -> tuple[str, Overrides]:
    """The URL as it is requested and signed, and what its fragment asks for."""
    bare, fragment = urldefrag(url)
    given = dict(parse_qsl(fragment))

    def seconds(key: str, low: int, high: int, default: float) -> float:
        text = given.get(key, "")
        return min(max(int(text), low), high) / 1000 if text.isdigit() else default

    policy = frozenset(part for part in given.get("rp", "ct").split(",") if part)
    return bare, Overrides(
        connect=seconds("ct", 100, 10_000, 5.0),
        read=seconds("rt", 100, 15_000, LIMIT),
        total=seconds("tt", 100, 15_000, LIMIT),
        retries=min(int(given["rc"]), 5) if given.get("rc", "").isdigit() else 1,
        policy=policy,
    )
