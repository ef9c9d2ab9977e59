"""The Whisper models that are installed here, and which of them is used."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from gala.errors import InvalidRequest
from gala.render_types.params.transcription import WHISPER_SIZES

MODEL_FILE: Final = "model.bin"

_PREFIX: Final = "whisper-"
_USUAL: Final = "base"
"""The size to pull where none is installed; its weights have more than one source."""


@dataclass(frozen=True, slots=True)
class WhisperModels:
    """The models in ``weights``, one folder each, and the one that the operator ``configured``.

    ``configured`` is a size, the absolute path of a folder, or None.
    """

    weights: Path
    configured: str | None = None

    def installed(self) -> tuple[str, ...]:
        """Return the names of all installed models, the best first."""
        found = {name_of(file.parent) for file in self.weights.glob(f"{_PREFIX}*/{MODEL_FILE}")}
        known = [name for name in WHISPER_SIZES if name in found]
        return (*known, *sorted(found.difference(known)))

    def folder(self, name: str | None = None) -> Path:
        """Return the folder of a model: the named, else the configured, else the best installed.

        The weights of the configured model, or of the default, may be missing. Raise
        ``InvalidRequest`` naming ``params.model`` if the named model is not installed.
        """
        default = self._default()
        if name is None or name == name_of(default):
            return default
        if name not in self.installed():
            raise InvalidRequest(
                f"params.model: The Whisper model {name!r} is not installed here."
                f" {self._installed_text()} To install it: `gala weights pull whisper:{name}`.",
                field="params.model",
            )
        return self._folder_of(name)

    def missing(self) -> str | None:
        """Return where the default model's weights are expected and how to get them, or None."""
        folder = self._default()
        if (folder / MODEL_FILE).is_file():
            return None
        return (
            f"Whisper's weights are not in {folder}: Run `gala weights pull"
            f" whisper:{name_of(folder)}`, or set WHISPER_MODEL to a folder that has them."
            f" {self._installed_text()}"
        )

    def _default(self) -> Path:
        if self.configured is None:
            return self._folder_of(next(iter(self.installed()), _USUAL))
        path = Path(self.configured)
        return path if path.is_absolute() else self._folder_of(self.configured)

    def _folder_of(self, name: str) -> Path:
        return self.weights / f"{_PREFIX}{name}"

    def _installed_text(self) -> str:
        return f"Installed: {', '.join(self.installed()) or 'none'}."


def name_of(folder: Path) -> str:
    """Return the name of the model in a folder: ``base`` for ``whisper-base``."""
    return folder.name.removeprefix(_PREFIX)
