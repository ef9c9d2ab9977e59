"""Processes that load a model once and stay warm."""
