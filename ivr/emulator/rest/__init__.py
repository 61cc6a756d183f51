"""Twilio's REST API, version 2010-04-01: a file per resource."""
