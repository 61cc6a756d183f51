"""Structured logs on standard error: a static event name and fields, and one redactor that every line passes.

    log = structlog.get_logger(__name__)
    log.info("promise_made", contact=contact.id, promise=promise.id, to=number)   # to: "…123"

`contact` and `promise` ids of a whole request or job are bound once, with `structlog.contextvars.bound_contextvars`.
"""

from __future__ import annotations

import logging
import re
import sys
from collections.abc import Mapping, MutableMapping
from typing import Any, Literal, TextIO

import structlog
from structlog.typing import Processor

HIDDEN = "[hidden]"

# what people press, say and write, and what opens doors
PRIVATE_FIELDS = frozenset(
    (
        "about",
        "address",
        "answer",
        "auth_token",
        "authorization",
        "body",
        "brief",
        "cookie",
        "csrf",
        "digits",
        "email",
        "form",
        "heard",
        "keys",
        "name",
        "note",
        "notes",
        "params",
        "password",
        "pin",
        "reason",
        "said",
        "says",
        "secret",
        "signature",
        "speech",
        "speechresult",
        "speech_result",
        "summary",
        "text",
        "token",
        "transcript",
        "words",
    )
)
# a telephone number by the field's name; anywhere else one is known by its plus
NUMBER_FIELDS = frozenset(
    {"to", "from", "from_", "number", "caller", "customer", "phone", "called", "caller_id"}
)

_NUMBER = re.compile(r"(?:\+|%2B)\d{4,12}(\d{3})(?!\d)")
_LINK = re.compile(r"(/p/)[\w.~-]+")  # the page of a promise: who has the link may change it


def set_up_logging(log_format: Literal["json", "text"] = "json", stream: TextIO | None = None) -> None:
    """Send our own logs and those of libraries through the same processors. May be called again."""
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.ExtraAdder(),
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
        redact,
    ]
    last: Processor = (
        structlog.processors.JSONRenderer(ensure_ascii=False)
        if log_format == "json"
        else structlog.dev.ConsoleRenderer(colors=False)
    )
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            structlog.stdlib.PositionalArgumentsFormatter(),
            *shared,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
    )
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, last],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.INFO)
    for noisy in ("urllib3", "rq.worker", "rq.job"):
        logging.getLogger(noisy).setLevel(logging.WARNING)


def redact(_logger: object, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Numbers to their last three digits; words, keys and secrets to nothing, however deep they are."""
    for field, value in event.items():
        event[field] = _hide_value(field, value)
    return event


def _hide_value(field: str, value: Any) -> Any:
    name = field.lower()
    if name in PRIVATE_FIELDS or name.endswith(("_token", "_secret", "_password")):
        return HIDDEN if value else value
    if isinstance(value, str):
        if name in NUMBER_FIELDS:
            return f"…{value[-3:]}" if value else value
        return _LINK.sub(rf"\1{HIDDEN}", _NUMBER.sub(r"…\1", value))
    if isinstance(value, Mapping):
        return {k: _hide_value(str(k), v) for k, v in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_hide_value(field, v) for v in value]
    return value
