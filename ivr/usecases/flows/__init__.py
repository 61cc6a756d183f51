"""Drafts, validation, publication and replay of flows."""
