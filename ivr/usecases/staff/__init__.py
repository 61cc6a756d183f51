"""The people who work here: roster, accounts, sign-in."""
