"""Colour profiles of still pictures and animations, and their conversion to sRGB."""
