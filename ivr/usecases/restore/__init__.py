"""Bring a restored database up to date from Twilio's history."""
