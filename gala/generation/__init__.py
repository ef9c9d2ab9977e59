"""Media from a prompt: services that are asked over HTTP, and a diffusion model of one's own.

The factory and the renderer both make things this way; neither is known here.
"""
