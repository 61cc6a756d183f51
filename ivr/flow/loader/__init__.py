"""Read a folder of flow files into a `Library`."""
