"""Weights of Whisper's real architecture, tiny and random, in CTranslate2's format."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from gala.render_types.params.transcription import WHISPER_LANGUAGES

_WORDS = 50_257
_TIMESTAMPS = 1_501
_SPOKEN_TOKENS = 12


def make_whisper(folder: Path, *, multilingual: bool = False) -> Path:
    """Write a model with random weights; about 4 MB, written in seconds."""
    import ctranslate2
    import torch
    from ctranslate2.converters.transformers import WhisperLoader
    from transformers import WhisperConfig, WhisperForConditionalGeneration

    tokens = _tokens(multilingual=multilingual)
    torch.manual_seed(0)
    model = WhisperForConditionalGeneration(
        WhisperConfig(
            vocab_size=len(tokens),
            d_model=16,
            encoder_layers=1,
            decoder_layers=1,
            encoder_attention_heads=2,
            decoder_attention_heads=2,
            encoder_ffn_dim=16,
            decoder_ffn_dim=16,
            init_std=0.3,
        )
    )
    _fall_silent(model, tokens.index("<|endoftext|>"))
    spec = WhisperLoader().get_model_spec(model)
    spec.register_vocabulary(tokens)
    numbers = {token: number for number, token in enumerate(tokens)}
    spec.config.suppress_ids = [numbers[token] for token in _specials()[:1]]
    spec.config.suppress_ids_begin = [numbers["<|endoftext|>"]]
    spec.config.alignment_heads = [(0, 0), (0, 1)]
    spec.config.lang_ids = [numbers[f"<|{code}|>"] for code in sorted(WHISPER_LANGUAGES - {"yue"})]
    spec.validate()
    folder.mkdir(parents=True, exist_ok=True)
    spec.save(str(folder))
    _write_tokenizer(folder / "tokenizer.json", tokens)
    (folder / "preprocessor_config.json").write_text(json.dumps({"feature_size": 80}))
    assert ctranslate2.contains_model(str(folder))
    return folder


def _fall_silent(model: Any, end: int) -> None:
    """Make it end after some tokens, as a trained model does; otherwise it never ends."""
    import torch

    with torch.no_grad():
        toward = torch.sign(torch.randn(model.config.d_model))
        toward -= toward.mean()
        model.model.decoder.embed_positions.weight[_SPOKEN_TOKENS:] = toward * 50
        model.model.decoder.embed_tokens.weight[end] = toward


def _specials() -> list[str]:
    languages = [f"<|{code}|>" for code in sorted(WHISPER_LANGUAGES - {"yue"})]
    return [
        "<|endoftext|>",
        "<|startoftranscript|>",
        *languages,
        "<|translate|>",
        "<|transcribe|>",
        "<|startoflm|>",
        "<|startofprev|>",
        "<|nospeech|>",
        "<|notimestamps|>",
    ]


def _tokens(*, multilingual: bool) -> list[str]:
    from tokenizers.pre_tokenizers import ByteLevel

    letters = sorted(ByteLevel.alphabet())
    words = [f"Ġw{number}" for number in range(_WORDS - len(letters))]
    if multilingual:
        # CTranslate2 recognises multilingual models by this token.
        words[-1] = ""
    times = [f"<|{number * 0.02:.2f}|>" for number in range(_TIMESTAMPS)]
    return [*letters, *words, *_specials(), *times]


def _write_tokenizer(path: Path, tokens: list[str]) -> None:
    from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers

    vocabulary = {token: number for number, token in enumerate(tokens)}
    tokenizer = Tokenizer(models.BPE(vocab=vocabulary, merges=[]))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    special = [AddedToken(token, special=True) for token in _specials()]
    tokenizer.add_special_tokens(special)
    tokenizer.add_tokens([AddedToken(token, special=False) for token in tokens[-_TIMESTAMPS:]])
    tokenizer.save(str(path))
