"""Sets a user's text: which font for which character, in which order, on which line, how large.

Nothing here depends on a font or a library of the machine: fonts and HarfBuzz come from wheels.
The result is a picture, so that no text of a user's is ever read by FFmpeg.
"""
