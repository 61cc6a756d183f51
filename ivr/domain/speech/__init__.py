"""Times and numbers in words, for a voice and for a page."""
