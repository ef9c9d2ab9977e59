"""How far the programs of :mod:`gala_renderer.sandbox.runner` are confined, and how that is done.

``kernel``, ``order``, ``limits``, ``landlock``, ``namespaces`` and ``confine`` run in the launcher,
between every render and its start: they import next to nothing, and nothing of each other's that
they do not need. ``levels``, ``view`` and ``choosing`` are the renderer's own side.
"""
