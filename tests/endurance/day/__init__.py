"""A whole day of a busy line, played through the real processes on the emulator's clock."""
