"""Templates: checks when they are written, their versions, and brand kits."""
