"""Commands on what is stored: backups, reports, the event log, erasure, the integrity check."""
