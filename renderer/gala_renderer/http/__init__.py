"""The HTTP service of the renderer."""
