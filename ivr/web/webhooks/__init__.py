"""Twilio's requests: voice, texts, and what is answered when something fails."""
