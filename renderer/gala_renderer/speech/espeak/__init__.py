"""Speech by espeak-ng: always there, with exact times of words and phonemes."""
