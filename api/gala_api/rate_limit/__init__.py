"""How much anybody may use: quotas' defaults, and how fast requests may come."""
