"""`ivr twilio probe`: the facts about the network that the line rests on, tried out between two numbers."""
