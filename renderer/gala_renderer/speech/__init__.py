"""Speech: engines behind one protocol, and what is done with what they say."""
