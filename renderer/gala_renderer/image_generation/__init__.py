"""Image generation from prompts."""
