"""Photos that customers text."""
