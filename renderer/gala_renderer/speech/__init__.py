"""Speech synthesis: engines behind one protocol, and the processing of their output."""
