"""Bring a restored record up to date from Twilio's history."""
