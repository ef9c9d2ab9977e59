"""The process service: trim, text and concatenation with a synchronous response."""
