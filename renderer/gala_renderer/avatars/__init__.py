"""Presenters that speak: a body in motion.

Three parts that do not know each other: ``motion`` turns timed phonemes into a
:class:`~gala_renderer.avatars.pose.MotionTrack`; a :class:`~gala_renderer.avatars.body.Body` (a
``portrait`` or ``sprites``) draws poses; the render type ``presenter`` composes what they draw.
"""
