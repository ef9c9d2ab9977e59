"""Find when each of the given words is spoken, with pocketsphinx and its English phones.

Run as a separate program through :mod:`gala_renderer.sandbox.runner`: ``python sphinx_program.py
<wav> <request> <dictionary>``. The WAV is mono, 16 bit, 16 kHz. The request is JSON:
``{"words": [{"spelling": "hello" or null, "sounds": "HH AH L OW"}, …], "wide": false}``; a spelling
in the wheel's dictionary adds its pronunciations. ``wide`` widens the search beam, which is slower.
The dictionary is a file to write. The program prints one line of JSON: ``{"words": [[start, end],
…]}`` in seconds, or ``{"lost": true}`` if these words are not found in this order.
"""

from __future__ import annotations

import json
import math
import sys
import wave
from collections import defaultdict
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pocketsphinx

_RATE = 16_000
_FRAMES_A_SECOND = 100
_EARLY_SECONDS = 0.015
_LEAD_SECONDS = 0.3
_LEVEL = 2000.0
_NOISE = 30.0
_MAX_GAIN = 30.0
_WIDE = {"beam": 1e-90, "wbeam": 1e-70, "pbeam": 1e-90}


def main(wav: str, request: str, dictionary: str) -> None:
    """Align the words and print the answer."""
    task = json.loads(Path(request).read_text())
    words = task["words"]
    Path(dictionary).write_text("".join(_entries(words)))
    decoder = pocketsphinx.Decoder(
        hmm=pocketsphinx.get_model_path("en-us/en-us"),
        dict=dictionary,
        lm=None,
        loglevel="FATAL",
        cmn="batch",
        **(_WIDE if task["wide"] else {}),
    )
    decoder.set_align_text(" ".join(_name(index) for index in range(len(words))))
    decoder.start_utt()
    decoder.process_raw(_conditioned_sound(Path(wav)), no_search=False, full_utt=True)
    decoder.end_utt()
    sys.stdout.write(json.dumps(_answer(decoder, len(words))) + "\n")


def _name(index: int) -> str:
    # The library never sees the text's spelling: words are numbered.
    return f"w{index}"


def _entries(words: list[dict[str, Any]]) -> list[str]:
    known = _dictionary_entries({word["spelling"] for word in words if word["spelling"]})
    entries = []
    for index, word in enumerate(words):
        pronunciations = dict.fromkeys([*known[word["spelling"]], word["sounds"]])
        for count, sounds in enumerate(pronunciations, start=1):
            mark = "" if count == 1 else f"({count})"
            entries.append(f"{_name(index)}{mark} {sounds}\n")
    return entries


def _dictionary_entries(spellings: set[str]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = defaultdict(list)
    if not spellings:
        return found
    with Path(pocketsphinx.get_model_path("en-us/cmudict-en-us.dict")).open() as lines:
        for line in lines:
            name, _, sounds = line.rstrip().partition(" ")
            spelling = name.partition("(")[0]
            if spelling in spellings:
                found[spelling].append(sounds)
    return found


def _conditioned_sound(wav: Path) -> bytes:
    """Return the sound at the level of a usual recording, padded with silence, with faint noise.

    The model was trained on recordings: digital silence confuses it, and so does a word that ends
    with the file.
    """
    with wave.open(str(wav)) as sound:
        samples = np.frombuffer(sound.readframes(sound.getnframes()), dtype="<i2")
    lead = np.zeros(round(_LEAD_SECONDS * _RATE), dtype="<i2")
    samples = np.concatenate([lead, samples, lead])
    gain = min(_MAX_GAIN, _LEVEL / _loud_amplitude(samples))
    noise = np.random.default_rng(0)
    for start in range(0, len(samples), _RATE):
        block = samples[start : start + _RATE]
        noisy = block * gain + noise.normal(0, _NOISE, len(block))
        samples[start : start + _RATE] = np.clip(noisy, -32768, 32767)
    return samples.tobytes()


def _loud_amplitude(samples: npt.NDArray[np.int16]) -> float:
    """Return the RMS amplitude of the loud parts."""
    blocks = samples[: len(samples) // 400 * 400].reshape(-1, 400)
    powers = [float(np.mean(block.astype(np.float32) ** 2)) for block in blocks]
    return max(1.0, math.sqrt(float(np.percentile(powers, 80))))


def _answer(decoder: Any, count: int) -> dict[str, Any]:
    if decoder.hyp() is None:
        return {"lost": True}
    # A frame's time is the start of its window; its content begins later.
    shift = _EARLY_SECONDS - _LEAD_SECONDS
    found = [
        [
            # Rounded, because the answer must be one line of at most 1 MB.
            round(segment.start_frame / _FRAMES_A_SECOND + shift, 3),
            round((segment.end_frame + 1) / _FRAMES_A_SECOND + shift, 3),
        ]
        for segment in decoder.seg()
        if segment.word.startswith("w")
    ]
    return {"words": found} if len(found) == count else {"lost": True}


if __name__ == "__main__":
    main(*sys.argv[1:])
