"""The planners, one file per render type, found by :mod:`gala_renderer.engine.registry`."""
