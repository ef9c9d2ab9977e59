"""Metadata that says how a file came about."""
