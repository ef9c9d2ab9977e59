"""The files of ``infra/``."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parents[3]
INFRA = ROOT / "infra"
KUBERNETES = INFRA / "kubernetes"


def compose() -> dict[str, Any]:
    """Return the compose file, with anchors resolved and variables as written."""
    document: dict[str, Any] = yaml.safe_load((INFRA / "docker-compose.yml").read_text())
    return document


def manifests() -> list[dict[str, Any]]:
    """Return every Kubernetes object of every file."""
    return [
        document
        for path in sorted(KUBERNETES.glob("*.yaml"))
        for document in yaml.safe_load_all(path.read_text())
    ]
