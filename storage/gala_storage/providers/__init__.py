"""One module per provider, each with a ``PROVIDER``; vendors' SDKs are imported late."""
