"""`ivr doctor`: what a working line needs."""
