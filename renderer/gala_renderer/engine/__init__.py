"""The engine: it plans a render request, runs the plan, and caches the results."""
