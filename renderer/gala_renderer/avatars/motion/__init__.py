"""Motion of presenters: timed speech or sound to a track of poses. Pure and seeded."""
