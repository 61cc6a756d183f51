"""Process what is due."""
