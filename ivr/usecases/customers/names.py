"""The names of customers, for pages that list many of them."""

from __future__ import annotations

from collections.abc import Iterable

from ivr.domain.records.customer import Customer
from ivr.services import Services
from ivr.store.queries import records
from ivr.store.query import Query, each
from ivr.usecases.dialing import shared_numbers


def get_names(services: Services, numbers: Iterable[str]) -> Query[dict[str, str]]:
    """Number (E.164) -> name, without shared numbers: their name may be another person's (I7)."""

    def parse(found: dict[str, tuple[Customer | None, str]]) -> dict[str, str]:
        customers = [customer for customer, _ in found.values() if customer is not None]
        return {c.id: c.name for c in customers if not shared_numbers.is_shared(services, c)}

    return each(numbers, lambda n: records.get_partly(Customer, n, ("id", "name", "shared"))).map(parse)
