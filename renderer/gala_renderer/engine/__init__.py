"""The engine: a render request becomes a plan, the plan runs, its outputs are kept or reused."""
