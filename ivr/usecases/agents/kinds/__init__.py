"""One handler for each kind of agent's leg."""
