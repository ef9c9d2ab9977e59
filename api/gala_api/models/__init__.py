"""Models (avatars): their rows, the check of their presenters, and previews."""
