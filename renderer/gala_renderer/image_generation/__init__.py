"""Pictures from prompts: who draws them."""
