"""The licence page and the SBOM."""

from __future__ import annotations

import json
from importlib.metadata import PathDistribution
from pathlib import Path

import pytest
from typer.testing import CliRunner

from gala.cli.app import app
from gala.cli.third_party import BUNDLED, Package, license_of, packages
from gala.installation import DISTRIBUTION

DIRECT = {"httpx", "fastapi", "redis", "av", "kokoro", "boto3", "psycopg"}


@pytest.fixture(scope="module")
def shipped() -> list[Package]:
    return packages(DISTRIBUTION)


def test_packages_of_every_shipped_extra_are_listed_and_those_for_development_are_not(
    shipped: list[Package],
) -> None:
    names = {package.name.lower() for package in shipped}
    assert names >= DIRECT
    assert names.isdisjoint({DISTRIBUTION, "pytest", "ruff", "mypy", "moto"})


def test_every_package_but_known_ones_states_its_licence(shipped: list[Package]) -> None:
    silent = {package.name for package in shipped if package.license == "not stated"}
    # resvg_py contains the text of the MIT licence, but does not name it.
    assert silent <= {"espeakng-loader", "resvg_py"}


@pytest.mark.parametrize(
    ("metadata", "expected"),
    [
        ("License-Expression: MIT OR Apache-2.0", "MIT OR Apache-2.0"),
        ("Classifier: License :: OSI Approved :: BSD License", "BSD License"),
        ("Classifier: License :: OSI Approved\nLicense: MIT", "MIT"),
        ("License: Apache 2.0", "Apache 2.0"),
        ("Summary: no word of it", "not stated"),
    ],
)
def test_a_licence_is_read_from_the_first_field_that_names_one(
    metadata: str, expected: str, tmp_path: Path
) -> None:
    folder = tmp_path / "some-1.0.dist-info"
    folder.mkdir()
    (folder / "METADATA").write_text(
        f"Metadata-Version: 2.4\nName: some\nVersion: 1.0\n{metadata}\n"
    )
    assert license_of(PathDistribution(folder)) == expected


def test_the_sbom_lists_packages_with_versions_and_bundled_programs(tmp_path: Path) -> None:
    target = tmp_path / "sbom.json"
    done = CliRunner().invoke(app, ["licenses", "--sbom", str(target)])
    assert done.exit_code == 0, done.output
    bom = json.loads(target.read_text())
    assert bom["bomFormat"] == "CycloneDX"
    components = {one["name"]: one for one in bom["components"]}
    assert components["httpx"]["purl"].startswith("pkg:pypi/httpx@")
    assert {one.name for one in BUNDLED} <= set(components)
    ffmpeg = next(one for name, one in components.items() if name.startswith("FFmpeg with"))
    assert ffmpeg["licenses"][0]["license"]["id"] == "GPL-3.0-or-later"
