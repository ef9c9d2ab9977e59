"""Render types for tests only, installed by adding this folder's parent to the path."""
