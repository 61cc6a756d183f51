"""Which of Twilio's codes are warnings: https://www.twilio.com/docs/api/errors. All others are errors."""

from ivr.emulator.runtime.event_log import LogEntry

WARNING, ERROR = "WARNING", "ERROR"
_WARNING_RANGES = (
    (13210, 13223),
    (13241, 13256),
    (13310, 13335),
    (13510, 13521),
    (13610, 13620),
    (14101, 14111),
)
_WARNING_CODES = frozenset(
    {12200, 13000, 13226, 13230, 13232, 13233, 13234, 13235, 13236, 13237, 13410, 13430, 13622, 13699, 13710}
    | {13810, 13910, 14207, 15003, 16101, 16102, 17585, 21626}
)
_ERRORS_IN_RANGES = frozenset({13247, 13325})  # errors within those ranges


def log_level(code: int) -> str:
    listed = code in _WARNING_CODES or any(low <= code <= high for low, high in _WARNING_RANGES)
    return WARNING if listed and code not in _ERRORS_IN_RANGES else ERROR


def notification_sid(entry: LogEntry) -> str:
    """The identifier of an error or warning, the same wherever Twilio names it."""
    return f"NO{entry['n']:032x}"
