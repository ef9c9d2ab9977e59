"""The vocabulary of the media server 0.3.5, shared by API, client and Python library."""
