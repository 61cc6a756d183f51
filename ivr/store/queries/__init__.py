"""Reads and writes of indexes, counters and logs, one round trip each."""
