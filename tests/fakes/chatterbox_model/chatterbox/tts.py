"""A fake of ``chatterbox.tts``: the real signatures and tensors, with a tone as voice.

The tone's pitch is the voice: 200 Hz the weights' own, else what ``prepare_conditionals`` heard in
the sample. It lasts 40 ms a character, and faint noise follows it, as the model does. Each call is
a line in ``$CHATTERBOX_FAKE/calls``; while ``hold`` is there, ``generate`` does not return.
"""

from __future__ import annotations

import json
import os
import threading
import wave
from pathlib import Path
from typing import Any

import numpy as np
import torch

S3GEN_SR = 24000


class Conditionals:
    def __init__(self, pitch: float, exaggeration: float):
        self.pitch = pitch
        self.exaggeration = exaggeration


class ChatterboxTTS:
    def __init__(self, device: str, conds: Conditionals | None = None):
        self.sr = S3GEN_SR
        self.device = device
        self.conds = conds

    @classmethod
    def from_local(cls, ckpt_dir: Any, device: str) -> ChatterboxTTS:
        _log(loaded=str(device))
        builtin = Path(ckpt_dir) / "conds.pt"
        return cls(device, conds=Conditionals(200, 0.5) if builtin.exists() else None)

    def prepare_conditionals(self, wav_fpath: str, exaggeration: float = 0.5) -> None:
        with wave.open(wav_fpath) as file:
            rate = file.getframerate()
            heard = np.frombuffer(file.readframes(rate), "<i2")
        peak = int(np.abs(np.fft.rfft(heard)).argmax())
        _log(prepared=round(peak * rate / len(heard)))
        self.conds = Conditionals(peak * rate / len(heard), exaggeration)

    def generate(
        self,
        text: str,
        repetition_penalty: float = 1.2,
        min_p: float = 0.05,
        top_p: float = 1.0,
        audio_prompt_path: str | None = None,
        exaggeration: float = 0.5,
        cfg_weight: float = 0.5,
        temperature: float = 0.8,
    ) -> torch.Tensor:
        if audio_prompt_path:
            self.prepare_conditionals(audio_prompt_path, exaggeration=exaggeration)
        else:
            assert self.conds is not None, "Please `prepare_conditionals` first"
        _log(
            text=text, manner=[exaggeration, cfg_weight, temperature], pitch=round(self.conds.pitch)
        )
        if "out of memory" in text:
            raise RuntimeError("CUDA out of memory.")
        _hold()
        time = np.arange(round(0.04 * len(text) * self.sr)) / self.sr
        tone = 0.4 * np.sin(2 * np.pi * self.conds.pitch * time)
        noise = np.random.default_rng(1).normal(0, 0.001, self.sr)
        return torch.from_numpy(np.concatenate([tone, noise]).astype(np.float32)).unsqueeze(0)


def _folder() -> Path:
    return Path(os.environ["CHATTERBOX_FAKE"])


def _log(**what: Any) -> None:
    with (_folder() / "calls").open("a") as file:
        file.write(json.dumps(what) + "\n")


def _hold() -> None:
    tick = threading.Event()
    while (_folder() / "hold").exists():
        tick.wait(0.02)
