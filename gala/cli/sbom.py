"""The software bill of materials of an installation, in CycloneDX 1.6.

Needs cyclonedx-python-lib, the reference implementation of the format.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from cyclonedx.contrib.license.factories import LicenseFactory
from cyclonedx.model import Property
from cyclonedx.model.bom import Bom
from cyclonedx.model.component import Component, ComponentType
from cyclonedx.output.json import JsonV1Dot6
from packageurl import PackageURL

from gala.cli.third_party import Bundled, Package

_TYPES: Final = {
    "program": ComponentType.APPLICATION,
    "model": ComponentType.MACHINE_LEARNING_MODEL,
    "font": ComponentType.DATA,
}


def cyclonedx_json(
    name: str, version: str, packages: Iterable[Package], bundled: Sequence[Bundled]
) -> str:
    """Return the SBOM of the application ``name`` as JSON text."""
    bom = Bom()
    application = Component(name=name, version=version, type=ComponentType.APPLICATION)
    bom.metadata.component = application
    parts = [*map(_package, packages), *map(_bundled, bundled)]
    bom.components.update(parts)
    bom.register_dependency(application, parts)
    return str(JsonV1Dot6(bom).output_as_string(indent=2))


def _package(package: Package) -> Component:
    purl = PackageURL("pypi", name=package.name.lower(), version=package.version)
    return Component(
        name=package.name,
        version=package.version,
        type=ComponentType.LIBRARY,
        purl=purl,
        bom_ref=str(purl),
        licenses=[LicenseFactory().make_from_string(package.license)],
    )


def _bundled(one: Bundled) -> Component:
    return Component(
        name=one.name,
        type=_TYPES.get(one.kind, ComponentType.LIBRARY),
        bom_ref=f"{one.source}#{one.name}",
        licenses=[LicenseFactory().make_from_string(one.license)],
        properties=[Property(name="gala:source", value=one.source)],
    )
