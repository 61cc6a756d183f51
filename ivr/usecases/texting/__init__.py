"""Texts to customers."""
