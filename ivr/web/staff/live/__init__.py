"""Server-sent events: pages that follow what changes."""
