"""`ivr agents` and `ivr customers`."""
