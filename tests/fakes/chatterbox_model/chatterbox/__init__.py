"""Stands in for the package of chatterbox-tts 0.1.7."""
