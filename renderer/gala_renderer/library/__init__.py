"""The names that Python programs use; each module is a thin door to the engine."""
