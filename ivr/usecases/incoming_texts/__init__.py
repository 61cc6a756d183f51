"""Texts from customers."""
