"""What was answered to texts and what an answer means: `text_reply`, `last_text`, `decline_choices`, `sent_text`. All of it expires."""

from __future__ import annotations

import json
from collections.abc import Sequence

from ivr.store import keys
from ivr.store.change import Change
from ivr.store.query import Query, ask


def get_reply(message_sid: str) -> Query[str | None]:
    """What was answered to this text, "" = nothing; None when the text is new."""
    return ask(("GET", keys.text_reply(message_sid)), lambda found: None if found is None else str(found))


def claim_reply(message_sid: str, reply: str, change: Change, *, ttl_seconds: int) -> None:
    """This is the answer to the text, unless it has one: then the change is not written."""
    change.claim_key(keys.text_reply(message_sid), reply, ttl_seconds=ttl_seconds)


def delete_reply(message_sid: str, change: Change) -> None:
    change.append_command("DEL", keys.text_reply(message_sid))


def get_reply_meaning(number: str, our_number: str) -> Query[str | None]:
    """The promise that our last text invited this number to decline; "" = it was about something else, None = there was no text."""
    return ask(
        ("GET", keys.last_text(number, our_number)), lambda found: None if found is None else str(found)
    )


def set_reply_meaning(
    number: str, our_number: str, promise_id: str, change: Change, *, ttl_seconds: int
) -> None:
    """From now on a NO from this number declines this promise; "" = none."""
    change.append_command("SET", keys.last_text(number, our_number), promise_id, "EX", ttl_seconds)


def get_decline_choices(number: str, our_number: str) -> Query[list[str]]:
    """Promises in the order in which a text numbered them, to ask which one is not needed any more."""
    return ask(("GET", keys.decline_choices(number, our_number)), lambda found: json.loads(found or "[]"))


def set_decline_choices(
    number: str, our_number: str, promise_ids: Sequence[str], change: Change, *, ttl_seconds: int
) -> None:
    """A text that is sent now numbers these promises."""
    change.append_command(
        "SET", keys.decline_choices(number, our_number), json.dumps(list(promise_ids)), "EX", ttl_seconds
    )


def was_sent_lately(text_key: str, number: str) -> Query[bool]:
    """Whether this text went to this number so lately that it is not sent again."""
    return ask(("EXISTS", keys.sent_text(text_key, number)), bool)


def claim_sending(text_key: str, number: str, cause_id: str, change: Change, *, ttl_seconds: int) -> None:
    """Send it once in so many seconds; when it was sent meanwhile, the change is not written. `cause_id`: what it is about."""
    change.claim_key(keys.sent_text(text_key, number), cause_id, ttl_seconds=ttl_seconds)
