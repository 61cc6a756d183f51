"""Cases: edit, view, search."""
