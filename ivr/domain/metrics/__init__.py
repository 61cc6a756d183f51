"""Counters, rates and the figures of reports."""
