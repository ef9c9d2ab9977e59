"""Renders compiled compositions: their sound is mixed, then one pass of FFmpeg encodes all."""
