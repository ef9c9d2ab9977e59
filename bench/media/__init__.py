"""Media work of GALA, MoviePy 2 and plain FFmpeg, on the same files in one run."""
