"""URLs, and the guard against requests to internal addresses."""
