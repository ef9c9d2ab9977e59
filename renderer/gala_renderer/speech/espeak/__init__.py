"""Speech by espeak-ng: always available, with exact times of words and phonemes."""
