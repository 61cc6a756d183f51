"""How a contact ends."""
