"""A tiny ONNX graph with the inputs and outputs of Kokoro's, and its voices.

Written without a library for ONNX files: the numbers of fields and types are those of onnx.proto.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from gala_renderer.speech.kokoro.onnx_model import DURATIONS
from tests.support.kokoro import VOICES

_FLOAT, _INT64, _BOOL = 1, 7, 9
_INT_ATTRIBUTE, _GRAPH_ATTRIBUTE = 2, 5


def make_onnx_weights(
    folder: Path,
    *,
    voices: Sequence[str] = VOICES,
    endless: bool = False,
    durations: str = DURATIONS,
    frame: float = 600,
) -> Path:
    """Write a folder of weights that hums: the symbols decide the lengths, the voice the pitch.

    With ``endless`` the graph never finishes by itself. ``durations`` is the name of the tensor
    with the lengths, and ``frame`` how many samples a unit of them has.
    """
    (folder / "voices").mkdir(parents=True, exist_ok=True)
    (folder / "kokoro-v1.0.int8.onnx").write_bytes(_model(durations, frame, endless=endless))
    random = np.random.default_rng(1)
    for name in voices:
        random.normal(0.5, 0.2, (510, 1, 256)).astype("<f4").tofile(folder / f"voices/{name}.bin")
    return folder


def _model(durations: str, frame: float, *, endless: bool) -> bytes:
    nodes = [
        _node("Cast", ["tokens"], ["numbers"], _number("to", _FLOAT)),
        _node("Div", ["numbers", "sixty"], ["steps"]),
        _node("Add", ["steps", "three"], ["unhurried"]),
        _node("Div", ["unhurried", "speed"], ["lengths"]),
        _node("Round", ["lengths"], ["rounded"]),
        _node("Clip", ["rounded", "one"], [durations]),
        _node("ReduceSum", [durations], ["frames"], _number("keepdims", 0)),
        _node("Mul", ["frames", "frame"], ["samples"]),
        _node("Range", ["zero", "samples", "one"], ["times"]),
        _node("ReduceMean", ["style"], ["pitch"], _number("keepdims", 0)),
        _node("Mul", ["times", "pitch"], ["phases"]),
        _node("Mul", ["phases", "slowly"], ["slow"]),
        _node("Sin", ["slow"], ["hum"]),
        *(
            [_node("Loop", ["forever", "yes", "hum"], ["audio"], _graph_attribute("body", _body()))]
            if endless
            else [_node("Mul", ["hum", "half"], ["audio"])]
        ),
    ]
    floats = {"sixty": 60, "three": 3, "one": 1, "zero": 0, "frame": frame, "half": 0.5}
    constants = [_tensor(name, _FLOAT, np.float32(value)) for name, value in floats.items()]
    constants += [
        _tensor("slowly", _FLOAT, np.float32(0.2)),
        _tensor("forever", _INT64, np.int64(2**62)),
        _tensor("yes", _BOOL, np.bool_(1)),
    ]
    graph = _graph(
        nodes,
        constants=constants,
        inputs=[
            _value("tokens", _INT64, [1, "n"]),
            _value("style", _FLOAT, [1, 256]),
            _value("speed", _FLOAT, [1]),
        ],
        outputs=[_value("audio", _FLOAT, ["samples"])],
    )
    opset = _integer(2, 17)
    return _integer(1, 9) + _field(8, opset) + _field(7, graph)


def _body() -> bytes:
    """Return the body of a loop that changes nothing."""
    return _graph(
        [_node("Identity", ["go_on"], ["goes_on"]), _node("Sin", ["before"], ["after"])],
        inputs=[
            _value("turn", _INT64, []),
            _value("go_on", _BOOL, []),
            _value("before", _FLOAT, ["m"]),
        ],
        outputs=[_value("goes_on", _BOOL, []), _value("after", _FLOAT, ["m"])],
    )


def _graph(
    nodes: Sequence[bytes],
    *,
    constants: Sequence[bytes] = (),
    inputs: Sequence[bytes],
    outputs: Sequence[bytes],
) -> bytes:
    parts = {1: nodes, 2: [b"tiny"], 5: constants, 11: inputs, 12: outputs}
    return b"".join(_field(number, one) for number, found in parts.items() for one in found)


def _node(
    operator: str, inputs: Sequence[str], outputs: Sequence[str], *attributes: bytes
) -> bytes:
    return (
        b"".join(_field(1, name.encode()) for name in inputs)
        + b"".join(_field(2, name.encode()) for name in outputs)
        + _field(4, operator.encode())
        + b"".join(_field(5, attribute) for attribute in attributes)
    )


def _number(name: str, value: int) -> bytes:
    return _field(1, name.encode()) + _integer(3, value) + _integer(20, _INT_ATTRIBUTE)


def _graph_attribute(name: str, graph: bytes) -> bytes:
    return _field(1, name.encode()) + _field(6, graph) + _integer(20, _GRAPH_ATTRIBUTE)


def _tensor(name: str, kind: int, value: np.generic) -> bytes:
    return _integer(2, kind) + _field(8, name.encode()) + _field(9, value.tobytes())


def _value(name: str, kind: int, shape: Sequence[int | str]) -> bytes:
    dimensions = b"".join(
        _field(1, _integer(1, one) if isinstance(one, int) else _field(2, one.encode()))
        for one in shape
    )
    tensor = _integer(1, kind) + _field(2, dimensions)
    return _field(1, name.encode()) + _field(2, _field(1, tensor))


def _field(number: int, content: bytes) -> bytes:
    return _varint(number << 3 | 2) + _varint(len(content)) + content


def _integer(number: int, value: int) -> bytes:
    return _varint(number << 3) + _varint(value)


def _varint(value: int) -> bytes:
    head = b""
    while value > 0x7F:
        head += bytes([value & 0x7F | 0x80])
        value >>= 7
    return head + bytes([value])
