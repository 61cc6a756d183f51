"""The conference in which caller and agent talk, and commands to its legs."""
