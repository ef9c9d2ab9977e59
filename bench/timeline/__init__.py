"""Compositions: their plans, and their films beside those of other programs."""
