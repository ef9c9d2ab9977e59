"""What an uploaded file really is, and whether that will do for what it is meant to be."""

from __future__ import annotations

from gala.sniff.asset_kinds import check_kind
from gala.sniff.detect import sniff

__all__ = ["check_kind", "sniff"]
