"""Fixtures of the media service: an installed home and sample files."""

from __future__ import annotations

from tests.platform.installed import chatterbox_url, home, installed, samples

__all__ = ["chatterbox_url", "home", "installed", "samples"]
