"""Speech by Kokoro, a neural model with voices for nine languages."""
