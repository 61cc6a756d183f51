"""What callers hear and say: phrasebooks, SSML, speech understanding, the built-in phrases."""
