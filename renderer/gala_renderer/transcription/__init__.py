"""Listening: what is heard in a sound, and when. Silences, words, known text laid on its sound."""
