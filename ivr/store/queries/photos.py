"""Photos by customer and by who is shown them as new: `photos:{number}`, `new_photos:{agent}`. Oldest first, by when they came."""

from __future__ import annotations

from ivr.domain.records.photo import Photo
from ivr.store import keys
from ivr.store.change import Change
from ivr.store.queries import records
from ivr.store.query import Query, ask


def count_of_customer(number: str) -> Query[int]:
    return ask(("ZCARD", keys.customer_photos(number)), int)


def list_latest_of_customer(number: str, limit: int) -> Query[list[str]]:
    """Ids of the customer's latest photos, oldest first."""
    return ask(("ZRANGE", keys.customer_photos(number), -limit, -1), list)


def list_of_customer_until(number: str, until: float) -> Query[list[str]]:
    """Ids of the customer's photos that came by then, epoch seconds."""
    return ask(("ZRANGEBYSCORE", keys.customer_photos(number), "-inf", until), list)


def list_new(agent_id: str, limit: int) -> Query[list[str]]:
    """Ids of the photos that this agent is shown as new; "" = every agent."""
    return ask(("ZRANGE", keys.new_photos(agent_id), 0, limit - 1), list)


def add(photo_id: str, number: str, agent_id: str, order: float, change: Change) -> None:
    """A photo of this customer has come; it is new to this agent, "" = to every agent. `order`: epoch seconds."""
    change.append_command("ZADD", keys.customer_photos(number), order, photo_id)
    change.append_command("ZADD", keys.new_photos(agent_id), order, photo_id)


def remove_new(photo: Photo, change: Change) -> None:
    """It is new to nobody any more."""
    change.append_command("ZREM", keys.new_photos(photo.new_for_agent), photo.id)


def delete(photo: Photo, change: Change) -> None:
    """Delete the record and its places in the indexes."""
    change.append_command("ZREM", keys.customer_photos(photo.customer), photo.id)
    remove_new(photo, change)
    records.delete(photo, change)
