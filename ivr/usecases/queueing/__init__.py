"""Who waits in which queue."""
