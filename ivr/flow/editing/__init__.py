"""Changes of flow files that leave the rest of the file as it is."""
