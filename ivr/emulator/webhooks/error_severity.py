"""Which of Twilio's codes are warnings: https://www.twilio.com/docs/api/errors. All others are errors."""

from ivr.emulator.runtime.event_log import Entry

WARNING, ERROR = "WARNING", "ERROR"
_RANGES = ((13210, 13223), (13241, 13256), (13310, 13335), (13510, 13521), (13610, 13620), (14101, 14111))
_SINGLE = frozenset(
    {12200, 13000, 13226, 13230, 13232, 13233, 13234, 13235, 13236, 13237, 13410, 13430, 13622, 13699, 13710}
    | {13810, 13910, 14207, 15003, 16101, 16102, 17585, 21626}
)
_GRAVE = frozenset({13247, 13325})  # errors within those ranges


def level(code: int) -> str:
    listed = code in _SINGLE or any(low <= code <= high for low, high in _RANGES)
    return WARNING if listed and code not in _GRAVE else ERROR


def sid_of(entry: Entry) -> str:
    """The identifier of an error or warning, the same wherever Twilio names it."""
    return f"NO{entry['n']:032x}"
