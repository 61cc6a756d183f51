"""Prove that no caller can be stranded by a flow."""
