"""Frame-exact cuts and joins that encode only the frames around the cuts."""
