"""Check what must always hold of the event log and the records, and repair it."""
