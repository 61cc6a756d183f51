"""The processes of a line: web, workers, scheduler, Redis, and what keeps them running."""
