"""Which numbers may be called, and how fast."""
