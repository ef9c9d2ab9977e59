"""Cuts and joins, exact to the frame, that encode only what they must."""
