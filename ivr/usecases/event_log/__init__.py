"""Read and archive the event log; the audit log of what staff did."""
