"""How each render type is made: one file a type, found by :mod:`gala_renderer.engine.registry`."""
