"""Words that several render types share: colours, times, quality, voices, captions."""
