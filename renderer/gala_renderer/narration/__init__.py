"""What videos with a voice share: the voice and its words, captions, music."""
