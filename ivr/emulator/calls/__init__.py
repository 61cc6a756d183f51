"""Calls, their legs, and the people at their ends."""
