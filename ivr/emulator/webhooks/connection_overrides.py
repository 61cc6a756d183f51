"""Connection overrides: the fragment of a webhook URL (https://www.twilio.com/docs/usage/webhooks/webhooks-connection-overrides)."""

from dataclasses import dataclass
from urllib.parse import parse_qsl, urldefrag

MAX_REQUEST_SECONDS = 15.0  # no request about a call takes longer in all
MAX_NUMBER_DIGITS = 10  # digits
POLICIES = frozenset({"4xx", "5xx", "ct", "rt", "all"})
EDGES = frozenset(
    [
        "ashburn",
        "dublin",
        "frankfurt",
        "sao-paulo",
        "singapore",
        "sydney",
        "tokyo",
        "umatilla",
        "roaming",
        "ashburn-ix",
        "frankfurt-ix",
        "london-ix",
        "san-jose-ix",
        "singapore-ix",
    ]
)


@dataclass(frozen=True, kw_only=True)
class ConnectionOverrides:
    connect: float  # seconds
    read: float
    total: float
    retries: int
    policy: frozenset[str]  # ct, rt, 4xx, 5xx, all
    problems: tuple[tuple[int, str], ...] = ()  # Twilio's codes for what it does not know

    def should_retry(self, reason: str) -> bool:
        return reason in self.policy or "all" in self.policy


def split_overrides(url: str) -> tuple[str, ConnectionOverrides]:
    """The URL as it is requested and signed, and what its fragment asks for."""
    try:
        bare, fragment = urldefrag(url)
    except ValueError:  # it is not asked for in any case
        bare, fragment = url, ""
    given = dict(parse_qsl(fragment))

    def seconds(key: str, low: int, high: int, default: float) -> float:
        text = given.get(key, "")
        return min(max(int(text), low), high) / 1000 if _is_number(text) else default

    policy = frozenset(part for part in given.get("rp", "ct").split(",") if part)
    edges = frozenset(part for part in given.get("e", "").split(",") if part)
    wrong = []
    if policy - POLICIES:
        wrong.append((11243, f"HTTP retry policy is invalid: {given['rp']}"))
    if edges - EDGES:
        wrong.append((11240, f"HTTP connection edge location is invalid: {given['e']}"))
    return bare, ConnectionOverrides(
        connect=seconds("ct", 100, 10_000, 5.0),
        read=seconds("rt", 100, 15_000, MAX_REQUEST_SECONDS),
        total=seconds("tt", 100, 15_000, MAX_REQUEST_SECONDS),
        retries=min(int(given["rc"]), 5) if _is_number(given.get("rc", "")) else 1,
        policy=policy,
        problems=tuple(wrong),
    )


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < MAX_NUMBER_DIGITS
