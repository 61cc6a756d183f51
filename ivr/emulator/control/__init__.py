"""The emulator's own API: people, time, faults and the journal. JSON, no authorisation."""
