"""A small HTTP server for Chatterbox, in an environment of its own."""
