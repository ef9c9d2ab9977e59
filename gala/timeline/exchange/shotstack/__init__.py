"""Read edits of Shotstack's API as compositions."""

from gala.timeline.exchange.shotstack.edit_reader import read_shotstack

__all__ = ["read_shotstack"]
