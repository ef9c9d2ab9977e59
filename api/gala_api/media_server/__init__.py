"""The API of the media server 0.3.5; its background work runs as jobs."""
