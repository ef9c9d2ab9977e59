"""Model weights: what is known, where it comes from, and its verified installation in a folder."""
