"""The table of known weights."""

from __future__ import annotations

import pytest

from gala.cli.weights.registry import Packages, find, known_weights
from gala.errors import InvalidRequest


def test_packages_carry_exactly_the_files_of_their_weights() -> None:
    checked = []
    for weights in known_weights().values():
        for source in weights.sources:
            if isinstance(source, Packages):
                carried = {name for it in source.packages for name in it.carried}
                assert carried == {file.name for file in weights.files}
                checked.append(weights.name)
    assert checked == ["kokoro", "faces", "faces:plain", "whisper:base"]


def test_slices_have_the_sizes_of_their_files() -> None:
    sizes = {file.name: file.size for file in find("faces").files}
    packages = [it for source in find("faces").sources for it in getattr(source, "packages", ())]
    slices = [files for package in packages for files in package.slices.values()]
    assert slices
    for files in slices:
        assert all(len(span) == sizes[name] for name, span in files.items())


def test_all_weights_have_folders_of_their_own_and_a_licence() -> None:
    folders = [weights.folder for weights in known_weights().values()]
    assert len(set(folders)) == len(folders)
    assert all(weights.license for weights in known_weights().values())


def test_short_names_are_known() -> None:
    assert find("whisper").name == "whisper:small"
    assert find("kokoro:onnx").name == "kokoro"
    with pytest.raises(InvalidRequest, match="no weights 'kokoro:tourch'"):
        find("kokoro:tourch")
