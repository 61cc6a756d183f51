"""Which numbers several people use."""

from __future__ import annotations

from ivr.domain.records.customer import Customer
from ivr.services import Services


def is_shared(services: Services, customer: Customer | None) -> bool:
    """Return whether several people use this customer's number: an agent has marked it, or IVR_SHARED_NUMBERS lists it.

    Nothing is read back to such a number and its calls are not merged, as nobody knows which of them calls.
    """
    return customer is not None and (customer.shared or customer.id in services.settings.shared_numbers)
