"""One file for each stored record: its fields, its states and their transitions."""
