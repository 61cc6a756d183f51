"""`ivr flows`: check, draw, try and publish the call flows."""
