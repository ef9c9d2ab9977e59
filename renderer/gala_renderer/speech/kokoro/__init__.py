"""Speech by Kokoro, a neural voice for nine languages."""
