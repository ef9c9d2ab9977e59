"""Use cases of assets: store, list, import from a URL, sign links."""
