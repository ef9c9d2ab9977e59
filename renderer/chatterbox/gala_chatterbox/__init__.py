"""A small HTTP server for Chatterbox, with its own Python environment."""
