"""Time, the event log, identifiers, faults on purpose."""
