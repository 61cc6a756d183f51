"""How Twilio writes times, numbers and identifiers."""

import random
import re
from datetime import UTC, datetime
from email.utils import format_datetime, parsedate_to_datetime

E164 = re.compile(r"\+[1-9]\d{6,14}")
CLIENT_OR_SIP_ADDRESS = re.compile(r"(client|sip|sips):.+")
MAX_REMEMBERED_SIDS = 100_000  # identifiers whose order is known


def format_iso(epoch: float) -> str:
    return datetime.fromtimestamp(epoch, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def format_rfc2822(epoch: float | None) -> str | None:
    return None if epoch is None else format_datetime(datetime.fromtimestamp(int(epoch), UTC))


def parse_timestamp(text: str) -> float:
    """Epoch seconds of an ISO 8601 or RFC 2822 date or time; UTC where it does not say."""
    try:
        when = datetime.fromisoformat(text)
    except ValueError:
        when = parsedate_to_datetime(text)
    return (when if when.tzinfo else when.replace(tzinfo=UTC)).timestamp()


def format_national(number: str | None) -> str | None:
    """`(305) 141-6799` for a North American number, anything else as it is."""
    match = re.fullmatch(r"\+1(\d{3})(\d{3})(\d{4})", number or "")
    return f"({match[1]}) {match[2]}-{match[3]}" if match else number


def parse_flag(text: str | None, default: bool = False) -> bool:
    return default if text is None else text.strip().lower() == "true"


class SidGenerator:
    """Identifiers such as `CA` and 32 hexadecimal digits; the same seed gives the same ones."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)  # noqa: S311 - identifiers of a test double, repeatable on purpose
        self._ordinals: dict[str, int] = {}
        self._count = 0

    def new(self, prefix: str) -> str:
        made = prefix + self._random.randbytes(16).hex()
        if prefix:
            self._count += 1
            self._ordinals[made] = self._count
            if len(self._ordinals) > MAX_REMEMBERED_SIDS:
                del self._ordinals[next(iter(self._ordinals))]
        return made

    def ordinal(self, sid: str) -> int | None:
        """The later made, the higher; None for what never was, or long ago."""
        return self._ordinals.get(sid)

    def chance(self, probability: float) -> bool:
        return self._random.random() < probability
