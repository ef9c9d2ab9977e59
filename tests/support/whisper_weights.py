"""Weights of Whisper's real architecture, tiny and random, in CTranslate2's format."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from gala.render_types.params.transcription import WHISPER_LANGUAGES

_WORDS = 50_257
_TIMESTAMPS = 1_501
_SPOKEN_TOKENS = 12
_MELS, _SIZE, _HEADS = 80, 16, 2
_HEARD_POSITIONS, _SPOKEN_POSITIONS = 1500, 448
_DEVIATION, _CERTAINTY = 0.3, 4

Weights: TypeAlias = npt.NDArray[np.float32]


def make_whisper(folder: Path, *, multilingual: bool = False) -> Path:
    """Write a model with random weights; about 4 MB, without loading torch."""
    import ctranslate2
    from ctranslate2.specs import WhisperSpec

    tokens = _tokens(multilingual=multilingual)
    spec = WhisperSpec(1, _HEADS, 1, _HEADS)
    random = _Random()
    _fill_encoder(spec.encoder, random)
    _fill_decoder(spec.decoder, random, len(tokens), tokens.index("<|endoftext|>"))
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
    (folder / "preprocessor_config.json").write_text(json.dumps({"feature_size": _MELS}))
    assert ctranslate2.contains_model(str(folder))
    return folder


class _Random:
    """Sets the weights of layers, as Whisper is initialized before it is trained."""

    def __init__(self) -> None:
        self._numbers = np.random.default_rng(0)

    def array(self, *shape: int) -> Weights:
        return self._numbers.normal(0, _DEVIATION, shape).astype(np.float32)

    def linear(self, layer: Any, *shape: int) -> None:
        layer.weight = self.array(*shape)
        layer.bias = np.zeros(shape[0], np.float32)

    def attention(self, layer: Any, *blocks: int) -> None:
        """``blocks`` of query, key and value are in one matrix each, the last is the output's."""
        for linear, count in zip(layer.linear, blocks, strict=True):
            self.linear(linear, count * _SIZE, _SIZE)
        _normalize(layer.layer_norm)

    def forward(self, layer: Any) -> None:
        self.linear(layer.linear_0, _SIZE, _SIZE)
        self.linear(layer.linear_1, _SIZE, _SIZE)
        _normalize(layer.layer_norm)


def _normalize(layer: Any) -> None:
    layer.gamma = np.ones(_SIZE, np.float32)
    layer.beta = np.zeros(_SIZE, np.float32)


def _sinusoids(positions: int) -> Weights:
    frequencies = 10_000 ** -np.linspace(0, 1, _SIZE // 2)
    angles = np.outer(np.arange(positions), frequencies)
    return np.hstack([np.sin(angles), np.cos(angles)]).astype(np.float32)


def _fill_encoder(spec: Any, random: _Random) -> None:
    random.linear(spec.conv1, _SIZE, _MELS, 3)
    random.linear(spec.conv2, _SIZE, _SIZE, 3)
    spec.position_encodings.encodings = _sinusoids(_HEARD_POSITIONS)
    _normalize(spec.layer_norm)
    random.attention(spec.layer[0].self_attention, 3, 1)
    random.forward(spec.layer[0].ffn)


def _fill_decoder(spec: Any, random: _Random, words: int, end: int) -> None:
    """Make it end after some tokens, as a trained model does; otherwise it never ends."""
    toward = np.sign(random.array(_SIZE))
    toward -= toward.mean()
    spec.embeddings.weight = random.array(words, _SIZE)
    spec.embeddings.weight[end] = toward
    spec.projection.weight = spec.embeddings.weight
    spec.position_encodings.encodings = random.array(_SPOKEN_POSITIONS, _SIZE)
    spec.position_encodings.encodings[_SPOKEN_TOKENS:] = toward * 50
    _normalize(spec.layer_norm)
    # A model that is unsure of its words is asked again and again, which takes most of the time.
    spec.layer_norm.gamma *= _CERTAINTY
    random.attention(spec.layer[0].self_attention, 3, 1)
    random.attention(spec.layer[0].attention, 1, 2, 1)
    random.forward(spec.layer[0].ffn)


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
