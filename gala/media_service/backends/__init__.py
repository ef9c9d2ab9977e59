"""What :class:`gala.MediaService` is made of: one door to the engine here, one to a server."""
