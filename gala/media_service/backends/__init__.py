"""Backends of :class:`gala.MediaService`: the engine in this process, a media server, or both."""
