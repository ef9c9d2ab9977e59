"""What media work costs: ours beside MoviePy 2 and plain FFmpeg, on the same files in one run."""
