"""How errors become HTTP responses."""
