"""`ivr demo`, and the stage that it and the tests play on."""
