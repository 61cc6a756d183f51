"""Assign waiting callers to agents."""
