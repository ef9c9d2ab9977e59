"""Timelines: the description of a film, and its compilation to layers with times and places.

:mod:`gala.timeline.document` is what people write, :mod:`gala.timeline.reader` reads it and
explains what is wrong with it, and :mod:`gala.timeline.compilation` says what is visible and
audible when.
"""
