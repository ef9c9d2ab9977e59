"""Files of a program that works without a server."""

from __future__ import annotations

from gala.media_service.file_store import StorageManager

__all__ = ["StorageManager"]
