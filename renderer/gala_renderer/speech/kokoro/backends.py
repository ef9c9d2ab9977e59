"""Choose what runs Kokoro: torch or ONNX Runtime. Imports neither."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import Final, Literal, TypeAlias

from gala.errors import EngineMissing
from gala.installation import install_hint
from gala_renderer.speech.kokoro.voices import KokoroLanguage
from gala_renderer.speech.kokoro.weights import (
    WeightsMissing,
    absent_files,
    absent_onnx_files,
    find_onnx_weights,
    find_weights,
    not_found,
)

_SPACY_MODEL: Final = "en_core_web_sm"


class Backend(StrEnum):
    """What runs the model."""

    ONNX = "onnx"
    TORCH = "torch"


Wanted: TypeAlias = Literal["auto", "onnx", "torch"]

_PACKAGES: Final[Mapping[Backend, tuple[str, ...]]] = {
    Backend.ONNX: ("onnxruntime", "misaki", "phonemizer"),
    Backend.TORCH: ("torch", "kokoro", "misaki"),
}
_EXTRA: Final[Mapping[Backend, str]] = {Backend.ONNX: "voice", Backend.TORCH: "kokoro"}
_WEIGHTS: Final[Mapping[Backend, str]] = {Backend.ONNX: "kokoro", Backend.TORCH: "kokoro:torch"}
"""Their names for ``gala weights pull``."""
_LANGUAGE_PACKAGES: Final[Mapping[KokoroLanguage, tuple[str, tuple[str, ...]]]] = {
    KokoroLanguage.JAPANESE: (
        "kokoro-japanese",
        ("fugashi", "jaconv", "mojimoji", "pyopenjtalk", "unidic_lite"),
    ),
    KokoroLanguage.MANDARIN: ("kokoro-chinese", ("cn2an", "jieba", "ordered_set", "pypinyin")),
}
"""The extra of languages that need one, and its modules."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Backends:
    """The folders of weights, and the settings that decide between the backends.

    Torch is used where it is asked for or has a GPU to run on; otherwise ONNX Runtime, which is
    faster on a CPU, if it and its weights are installed.
    """

    torch_folder: Path
    onnx_folder: Path
    wanted: Wanted = "auto"
    device: str = "auto"

    def folder(self, backend: Backend) -> Path:
        """Return the folder with the backend's weights."""
        return self.onnx_folder if backend is Backend.ONNX else self.torch_folder

    def voices(self, backend: Backend) -> Mapping[str, Path]:
        """Return the files of the backend's voices. Raise ``EngineMissing``."""
        if backend is Backend.ONNX:
            return find_onnx_weights(self.onnx_folder).voices
        return find_weights(self.torch_folder).voices

    def choose(self) -> Backend:
        """Return the backend to use here. Raise ``EngineMissing`` saying what to install or set."""
        candidates = self._candidates()
        lacking = {backend: _missing_packages(backend) for backend in candidates}
        installed = [backend for backend in candidates if not lacking[backend]]
        if not installed:
            raise _not_installed(lacking)
        absent = {backend: self._absent(backend) for backend in installed}
        ready = [backend for backend in installed if not absent[backend]]
        if not ready:
            raise not_found([(self.folder(one), absent[one]) for one in installed])
        if len(ready) > 1 and self.device == "auto" and _has_gpu():
            return Backend.TORCH
        return ready[0]

    def lacks_for(self, language: KokoroLanguage) -> str | None:
        """Return what is missing to speak a language, and how to install it; None if nothing is."""
        try:
            voices = self.voices(self.choose())
        except WeightsMissing:
            wanted = Backend.TORCH if self.wanted == "torch" else Backend.ONNX
            return f"Kokoro's weights are missing: `gala weights pull {_WEIGHTS[wanted]}`."
        except EngineMissing as error:
            return error.message
        if not any(name.startswith(language) for name in voices):
            return "Kokoro's voices for this language are missing in the folder of its weights."
        return missing_for(language)

    def version(self) -> str:
        """Return the versions of the packages, the weights, and the English pronunciation model."""
        backend = self.choose()
        parts = [backend, *_versions(backend), str(find_spec(_SPACY_MODEL) is not None)]
        for path in self._files(backend):
            known = path.stat()
            parts.append(f"{path.name}:{known.st_size}:{known.st_mtime_ns}")
        return " ".join(parts)

    def _candidates(self) -> tuple[Backend, ...]:
        """Return the backends that the settings allow, the preferred one first."""
        on_gpu = self.device not in {"auto", "cpu"}
        if self.wanted == "onnx" and on_gpu:
            raise EngineMissing(
                f"KOKORO_BACKEND is onnx, which runs on the CPU, but KOKORO_DEVICE is"
                f" {self.device}. Set KOKORO_DEVICE to auto, or KOKORO_BACKEND to torch."
            )
        if self.wanted == "auto":
            return (Backend.TORCH,) if on_gpu else (Backend.ONNX, Backend.TORCH)
        return (Backend(self.wanted),)

    def _absent(self, backend: Backend) -> Sequence[str]:
        if backend is Backend.ONNX:
            return absent_onnx_files(self.onnx_folder)
        return absent_files(self.torch_folder)

    def _files(self, backend: Backend) -> tuple[Path, ...]:
        voices = self.folder(backend) / "voices"
        if backend is Backend.ONNX:
            return (find_onnx_weights(self.onnx_folder).model, voices)
        weights = find_weights(self.torch_folder)
        return (weights.model, weights.config, voices)


def missing_for(language: KokoroLanguage) -> str | None:
    """Return how to install the packages that a language needs; None if they are installed."""
    extra, modules = _LANGUAGE_PACKAGES.get(language, ("", ()))
    if all(find_spec(name) is not None for name in modules):
        return None
    return f"Kokoro needs more packages for this language: {install_hint(extra)}."


def _missing_packages(backend: Backend) -> Sequence[str]:
    return [name for name in _PACKAGES[backend] if find_spec(name) is None]


def _not_installed(lacking: Mapping[Backend, Sequence[str]]) -> EngineMissing:
    """Return the error that says how to install the first of the backends."""
    backend, packages = next(iter(lacking.items()))
    return EngineMissing(
        f"Kokoro is not installed ({', '.join(packages)} missing): "
        f"{install_hint(_EXTRA[backend])} and `gala weights pull {_WEIGHTS[backend]}`."
    )


def _versions(backend: Backend) -> tuple[str, ...]:
    if backend is Backend.ONNX:
        return version("misaki"), version("onnxruntime")
    return (version("kokoro"),)


def _has_gpu() -> bool:
    # Late: looking for a card starts a program.
    from gala_renderer.model_workers.devices import find_device  # noqa: PLC0415

    return find_device() != "cpu"
