"""Whether GALA keeps its promises while its processes are killed; see ``__main__``."""
