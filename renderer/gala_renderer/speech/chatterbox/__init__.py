"""Speech by Chatterbox, which clones a voice from a sample."""
