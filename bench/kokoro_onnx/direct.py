"""The package kokoro-onnx: ``python direct.py <graph> <voices.npz> <voice> <language> <threads>``.

For each line on stdin, a text as JSON, it prints the seconds that the speech took, and the seconds
of sound. It runs in an environment of its own, without GALA.
"""

from __future__ import annotations

import json
import os
import sys
import time

import kokoro_onnx
import onnxruntime


def main(graph: str, voices: str, voice: str, language: str, threads: str) -> None:
    """Load once, then speak, with the nice value of the renderer's processes."""
    os.nice(10)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = int(threads)
    providers = ["CPUExecutionProvider"]
    session = onnxruntime.InferenceSession(graph, options, providers=providers)
    kokoro = kokoro_onnx.Kokoro.from_session(session, voices)
    for line in sys.stdin:
        began = time.perf_counter()
        # Untrimmed, as the silence that is cut off took time as well.
        samples, rate = kokoro.create(json.loads(line), voice, lang=language, trim=False)
        print(json.dumps([time.perf_counter() - began, len(samples) / rate]), flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
