"""Kokoro on ONNX Runtime: the graph that kokoro-onnx publishes, on the CPU, without torch."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor, wait
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from gala.errors import EngineMissing, RenderFailed
from gala_renderer.speech.kokoro.model import (
    RATE,
    STYLE_SIZE,
    VOICE_ROWS,
    Samples,
    Shares,
    no_check,
)
from gala_renderer.speech.kokoro.onnx_graph import with_output
from gala_renderer.speech.kokoro.vocabulary import EDGE, NUMBERS
from gala_renderer.speech.kokoro.weights import ONNX_REMEDY, OnnxWeights
from gala_renderer.speech.kokoro.word_times import FRAMES_A_SECOND

if TYPE_CHECKING:
    import onnxruntime

DURATIONS: Final = "/encoder/Clip_output_0"
"""The tensor with the length of every token in frames, the last value before they are used."""
_INPUTS: Final = {"tokens": "tensor(int64)", "style": "tensor(float)", "speed": "tensor(float)"}
_AUDIO: Final = "audio"
_FRAME: Final = RATE // FRAMES_A_SECOND
_CHECK_SECONDS: Final = 0.1
_FATAL_ONLY: Final = 4


class OnnxModel:
    """The model in ``threads`` threads.

    Raise ``EngineMissing`` if the weights are not Kokoro's or damaged.
    """

    def __init__(self, weights: OnnxWeights, *, threads: int):
        self.voices = weights.voices
        self.known = frozenset(NUMBERS)
        self.check: Callable[[], None] = no_check
        self.about: Mapping[str, str] = {
            "backend": "onnx",
            "device": "cpu",
            "weights": weights.model.name,
        }
        self._session = _session(weights.model, threads)
        self._styles: dict[str, NDArray[np.float32]] = {}
        self._runner = ThreadPoolExecutor(1, "kokoro")

    def infer(self, symbols: str, shares: Shares, speed: float) -> tuple[Samples, list[int]]:
        """Return the sound of a passage, and its symbols' lengths in frames."""
        row = len(symbols) - 1
        style = sum(share * self._voice(name)[row] for name, share in shares)
        audio, durations = self._run(
            {
                "tokens": np.array([[EDGE, *map(NUMBERS.__getitem__, symbols), EDGE]], np.int64),
                "style": np.asarray(style, np.float32).reshape(1, STYLE_SIZE),
                "speed": np.array([speed], np.float32),
            }
        )
        samples = np.clip(audio.reshape(-1), -1, 1)
        frames = np.rint(durations.reshape(-1))
        if len(frames) != len(symbols) + 2 or frames.sum() * _FRAME != len(samples):
            raise RenderFailed(
                f"{self.about['weights']} gives lengths of symbols that do not add up to its"
                f" sound. {ONNX_REMEDY}"
            )
        return samples, frames.astype(int).tolist()

    def _run(self, inputs: Mapping[str, NDArray[Any]]) -> tuple[NDArray[Any], NDArray[Any]]:
        """Run the graph in a thread, so that it can be stopped between two of its nodes."""
        import onnxruntime  # noqa: PLC0415

        options = onnxruntime.RunOptions()
        options.log_severity_level = _FATAL_ONLY
        running = self._runner.submit(self._session.run, [_AUDIO, DURATIONS], dict(inputs), options)
        try:
            while not wait([running], _CHECK_SECONDS).done:
                self.check()
        finally:
            options.terminate = True
            wait([running])
        try:
            audio, durations = running.result()
        except _failures() as error:
            raise RenderFailed(
                f"ONNX Runtime failed to run {self.about['weights']}: {_first_line(error)}"
            ) from error
        return audio, durations

    def _voice(self, name: str) -> NDArray[np.float32]:
        if name not in self._styles:
            self._styles[name] = _style(self.voices[name])
        return self._styles[name]


def _style(path: Path) -> NDArray[np.float32]:
    found = np.fromfile(path, "<f4")
    if found.size != VOICE_ROWS * STYLE_SIZE or not np.isfinite(found).all():
        raise EngineMissing(
            f"{path} is not a voice of Kokoro ({VOICE_ROWS} by {STYLE_SIZE} numbers). {ONNX_REMEDY}"
        )
    return found.reshape(VOICE_ROWS, STYLE_SIZE)


def _session(path: Path, threads: int) -> onnxruntime.InferenceSession:
    import onnxruntime  # noqa: PLC0415

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.log_severity_level = _FATAL_ONLY
    # As for OpenMP's threads: many processes share the cores, so idle threads sleep.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    try:
        session = onnxruntime.InferenceSession(
            with_output(path.read_bytes(), DURATIONS), options, providers=["CPUExecutionProvider"]
        )
    except _failures() as error:
        raise EngineMissing(
            f"{path} is damaged or not Kokoro's: ONNX Runtime cannot load it. {ONNX_REMEDY}",
            reason=_first_line(error),
        ) from error
    inputs = {one.name: one.type for one in session.get_inputs()}
    if inputs != _INPUTS or _AUDIO not in {one.name for one in session.get_outputs()}:
        raise EngineMissing(f"{path} is not Kokoro's graph with inputs {[*_INPUTS]}. {ONNX_REMEDY}")
    return session


def _failures() -> tuple[type[Exception], ...]:
    """Return ONNX Runtime's errors, which have no common class of their own."""
    from onnxruntime.capi import onnxruntime_pybind11_state as errors  # noqa: PLC0415

    return (
        errors.Fail,
        errors.InvalidArgument,
        errors.InvalidGraph,
        errors.InvalidProtobuf,
        errors.NotImplemented,
        errors.RuntimeException,
    )


def _first_line(error: Exception) -> str:
    return str(error).strip().partition("\n")[0]
