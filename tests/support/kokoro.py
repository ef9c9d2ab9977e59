"""Random weights of Kokoro's real architecture: they load, and speak noise."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from gala_renderer.speech.kokoro.vocabulary import NUMBERS

VOICES = ("af_heart", "af_bella", "bf_emma", "ef_dora", "ff_siwis", "hf_alpha", "if_sara")
VOICES += ("jf_alpha", "pf_dora", "zf_xiaobei")

_TINY = {
    "n_layer": 1,
    "max_dur": 2,
    "text_encoder_kernel_size": 5,
    "istftnet": {
        "upsample_kernel_sizes": [9, 5, 4, 4],
        "upsample_rates": [5, 3, 2, 2],
        "gen_istft_hop_size": 5,
        "gen_istft_n_fft": 20,
        "resblock_dilation_sizes": [[1, 3, 5]],
        "resblock_kernel_sizes": [3],
        "upsample_initial_channel": 512,
    },
    "plbert": {
        "hidden_size": 24,
        "num_attention_heads": 2,
        "intermediate_size": 32,
        "max_position_embeddings": 512,
        "num_hidden_layers": 1,
        "dropout": 0.1,
    },
}
_FULL = {
    "n_layer": 3,
    "max_dur": 50,
    "text_encoder_kernel_size": 5,
    "istftnet": {
        "upsample_kernel_sizes": [20, 12],
        "upsample_rates": [10, 6],
        "gen_istft_hop_size": 5,
        "gen_istft_n_fft": 20,
        "resblock_dilation_sizes": [[1, 3, 5]] * 3,
        "resblock_kernel_sizes": [3, 7, 11],
        "upsample_initial_channel": 512,
    },
    "plbert": {
        "hidden_size": 768,
        "num_attention_heads": 12,
        "intermediate_size": 2048,
        "max_position_embeddings": 512,
        "num_hidden_layers": 12,
        "dropout": 0.1,
    },
}


def make_weights(folder: Path, *, full: bool = False, voices: Sequence[str] = VOICES) -> Path:
    """Write a folder as Kokoro's authors publish it; ``full`` has the sizes of Kokoro-82M.

    The tiny one speaks a sound in about 25 ms, the full one in about 100 ms.
    """
    import torch
    from kokoro.model import KModel

    config: dict[str, Any] = {
        "dim_in": 64,
        "dropout": 0.2,
        "hidden_dim": 512,
        "max_conv_dim": 512,
        "multispeaker": True,
        "n_mels": 80,
        "n_token": 178,
        "style_dim": 128,
        "vocab": dict(NUMBERS),
        **(_FULL if full else _TINY),
    }
    (folder / "voices").mkdir(parents=True, exist_ok=True)
    (folder / "config.json").write_text(json.dumps(config))
    torch.manual_seed(1)
    model = _untrained(KModel, config)
    if full:
        # A share of its 50 frames, for about the speaking rate of the trained model.
        torch.nn.init.constant_(model.predictor.duration_proj.linear_layer.bias, -2.4)
    parts = ("bert", "bert_encoder", "predictor", "text_encoder", "decoder")
    states = {name: getattr(model, name).half().state_dict() for name in parts}
    torch.save(states, folder / "kokoro-v1_0.pth")
    for name in voices:
        torch.save(torch.randn(510, 1, 256) * 0.3, folder / "voices" / f"{name}.pt")
    return folder


def _untrained(model: Any, config: dict[str, Any]) -> Any:
    """Build the model; an empty weights file, which the constructor needs, leaves it random."""
    import tempfile

    import torch

    with tempfile.NamedTemporaryFile(suffix=".pth") as nothing:
        torch.save({}, nothing.name)
        return model(repo_id="hexgrad/Kokoro-82M", config=config, model=nothing.name)


def make_spacy_model(folder: Path) -> None:
    """Write an untrained ``en_core_web_sm`` package, for a path of Python modules."""
    import spacy

    pipeline = spacy.blank("en")
    pipeline.add_pipe("tok2vec")
    tagger: Any = pipeline.add_pipe("tagger")
    for label in ("NN", "VB", "DT", "CD"):
        tagger.add_label(label)
    pipeline.initialize()
    package = folder / "en_core_web_sm"
    package.mkdir(parents=True)
    pipeline.to_disk(package / "data")
    (package / "__init__.py").write_text(
        "from pathlib import Path\nimport spacy\n__version__ = '1.0.0'\n"
        "def load(**options):\n"
        "    return spacy.load(Path(__file__).parent / 'data', **options)\n"
    )
    told = folder / "en_core_web_sm-1.0.0.dist-info"
    told.mkdir()
    (told / "METADATA").write_text("Metadata-Version: 2.1\nName: en-core-web-sm\nVersion: 1.0.0\n")
