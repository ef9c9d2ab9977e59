"""Fields that several render types share: colors, times, encoding, voices, captions."""
