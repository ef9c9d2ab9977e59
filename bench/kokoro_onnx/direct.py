"""ONNX Runtime called directly: ``python direct.py <graph> <voice file>``.

For each line on stdin (passages as JSON: lists of token numbers) it prints the seconds that the
graph took, and the seconds of sound.
"""

from __future__ import annotations

import json
import os
import sys
import time

import numpy as np
import onnxruntime


def main(graph: str, voice: str) -> None:
    """Load once, then run, with the nice value of the renderer's processes."""
    os.nice(10)
    session = onnxruntime.InferenceSession(graph, providers=["CPUExecutionProvider"])
    styles = np.fromfile(voice, "<f4").reshape(510, 1, 256)
    speed = np.ones(1, np.float32)
    for line in sys.stdin:
        began, lasts = time.perf_counter(), 0.0
        for tokens in json.loads(line):
            inputs = {"tokens": np.array([tokens], np.int64), "style": styles[len(tokens) - 3]}
            (audio,) = session.run(["audio"], {**inputs, "speed": speed})
            lasts += audio.size / 24_000
        print(json.dumps([time.perf_counter() - began, lasts]), flush=True)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
