"""Media from prompts: clients of HTTP services that generate, and a local diffusion model.

Used by the factory and by the renderer; imports neither.
"""
