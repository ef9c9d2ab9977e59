"""How well speech is understood and how it sounds, by engine and language."""
