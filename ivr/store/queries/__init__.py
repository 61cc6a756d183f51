"""Named reads and writes: a module for each group of keys. See ivr/store/query.py and docs/decisions/0034."""
