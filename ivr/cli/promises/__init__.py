"""`ivr callbacks`: see callbacks and change them."""
