"""Render types that exist only in tests, installed by putting this folder's parent on the path."""
