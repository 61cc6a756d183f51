"""The page of a promise, behind the link in a text."""
