"""`ivr promises`: see callbacks and change them."""
