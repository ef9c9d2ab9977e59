"""FFmpeg: inputs, filter graphs, encoder options, and how it is run."""
