"""Portraits that GALA paints itself, of people who do not exist."""
