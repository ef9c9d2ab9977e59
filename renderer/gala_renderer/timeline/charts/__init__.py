"""The layout of charts: where their parts are, and when they grow."""
