"""Load Chatterbox's model from a folder of weights or from the Hugging Face cache."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

REPOSITORY: Final = "ResembleAI/chatterbox"
FILES: Final = (
    "ve.safetensors",
    "t3_cfg.safetensors",
    "s3gen.safetensors",
    "tokenizer.json",
    "conds.pt",
)


class WeightsMissing(Exception):
    """The model's weights are missing."""


def load(weights: Path | None, device: str) -> Any:
    """Load the model on ``cuda``, ``mps``, ``cpu``, or the best of them (``auto``).

    Raise ``WeightsMissing`` with the remedy, ``ImportError`` if Chatterbox is not installed.
    """
    if weights is not None and not (weights / FILES[0]).is_file():
        raise WeightsMissing(
            f"There are no weights in {weights}. Run: python -m gala_chatterbox pull {weights}"
        )
    from chatterbox.tts import ChatterboxTTS  # noqa: PLC0415 - imports torch, takes seconds

    chosen = best_device() if device == "auto" else device
    if weights is None:
        return ChatterboxTTS.from_pretrained(chosen)
    return ChatterboxTTS.from_local(weights, chosen)


def best_device() -> str:
    """Return the best device that torch finds."""
    import torch  # noqa: PLC0415 - as above

    if torch.cuda.is_available():
        return "cuda"
    return "mps" if torch.backends.mps.is_available() else "cpu"


def pull(weights: Path) -> None:
    """Download the weights (about 3 GB) into a folder; resumes an interrupted download."""
    from huggingface_hub import hf_hub_download  # noqa: PLC0415 - only for this command

    weights.mkdir(parents=True, exist_ok=True)
    for name in FILES:
        hf_hub_download(REPOSITORY, name, local_dir=weights)
