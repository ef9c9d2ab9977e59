"""Limits and confinement of every program that reads users' files.

``runner`` starts the programs, ``program_end`` tells how they ended; ``levels``,
``filesystem_view``, ``level_probe`` and ``disk_quota`` also run in the renderer. ``apply``,
``spec``, ``syscalls``, ``rlimits``, ``landlock``, ``seccomp`` and ``namespaces`` run in the
launcher, once before each program: they import as little as possible.
"""
