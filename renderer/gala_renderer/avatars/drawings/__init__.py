"""Presenters drawn by GALA's own code: characters made of vector parts, and painted portraits."""
