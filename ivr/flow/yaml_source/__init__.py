"""YAML with the position of each entry, so that faults name a line."""
