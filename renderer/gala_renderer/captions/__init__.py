"""Captions: from words to lines, to and from subtitle files, and as pictures over a video."""
