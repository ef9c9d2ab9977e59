"""Text layout: fonts, bidirectional order, line breaks and sizes, rendered to pictures.

Fonts and HarfBuzz come from wheels; nothing depends on what the machine has installed. The result
is a picture, so that FFmpeg never parses a user's text.
"""
