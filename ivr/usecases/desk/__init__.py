"""The agent's desk: what it shows, and what each button does."""
