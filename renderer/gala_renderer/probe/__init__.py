"""Inspection of media files by a sandboxed program."""
