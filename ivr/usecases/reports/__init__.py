"""Service reports, comments, Prometheus metrics."""
