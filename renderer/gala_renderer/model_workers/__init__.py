"""Worker processes that load a model once and answer many requests."""
