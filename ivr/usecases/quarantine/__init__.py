"""After a restore: make no calls before a person has looked."""
