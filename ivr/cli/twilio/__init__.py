"""`ivr twilio` and `ivr emulate`: the account's numbers, and a Twilio on this machine."""
