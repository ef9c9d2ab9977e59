"""The part of Kokoro-FastAPI's own API that GALA implements: speech with the times of words."""
