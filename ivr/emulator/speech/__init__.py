"""How words are spoken, heard and recognized."""
