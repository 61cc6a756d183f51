"""Facts that were spooled while Redis was down, and what follows from them."""
