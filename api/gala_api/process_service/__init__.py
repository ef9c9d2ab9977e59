"""The process service: trim, text and concatenation for callers that wait for the answer."""
