"""One module per provider, each with a ``PROVIDER``; SDKs are imported only when needed."""
