"""Speech by Chatterbox, which clones a voice from a sample; in an environment of its own."""
