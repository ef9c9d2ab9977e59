"""Detects the type of a file from its content, and checks it against the asset's kind."""

from __future__ import annotations

from gala.sniff.asset_kinds import check_kind
from gala.sniff.detect import sniff

__all__ = ["check_kind", "sniff"]
