"""The brief: what a person is told before they take a call, the same by ear and on a page."""
