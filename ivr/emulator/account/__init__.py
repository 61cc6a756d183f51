"""What the account has: numbers, texts, recordings, tokens."""
