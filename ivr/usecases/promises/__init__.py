"""The promise record: its life, its deadlines, its limits, its lists."""
