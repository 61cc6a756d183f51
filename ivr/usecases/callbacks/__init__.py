"""Call customers back, and change what was arranged."""
