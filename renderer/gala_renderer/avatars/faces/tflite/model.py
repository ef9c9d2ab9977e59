"""Models in the format of TensorFlow Lite: the graph, its constants, and its execution."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from gala_renderer.avatars.faces.tflite import custom_operators, operators
from gala_renderer.avatars.faces.tflite.flatbuffer import MalformedModel, Table, read
from gala_renderer.avatars.faces.tflite.flexbuffer import options

Tensor: TypeAlias = NDArray[np.float32]
_Kernel: TypeAlias = Callable[..., Tensor]

_TYPES: Final = {0: np.float32, 1: np.float16, 2: np.int32}
_CUSTOM: Final = 32
_DEQUANTIZE: Final = 6


@dataclass(frozen=True, slots=True)
class _Step:
    """One operator: its function, the numbers of its inputs and output, and what it frees."""

    kernel: _Kernel
    inputs: tuple[int, ...]
    output: int
    unused_after: tuple[int, ...]


class Model:
    """A graph of operators that can be run."""

    def __init__(self, data: bytes) -> None:
        root = Table.root(data, b"TFL3")
        graphs = root.tables(2)
        if len(graphs) != 1:
            raise MalformedModel(f"the model has {len(graphs)} graphs instead of one")
        tensors = graphs[0].tables(0)
        self._inputs = graphs[0].numbers(1)
        self._outputs = graphs[0].numbers(2)
        self._names = [tensors[number].text(3) for number in self._outputs]
        self._constants = _constants(tensors, root.tables(4))
        self.input_shape = tensors[self._inputs[0]].numbers(0)
        """Shape of the input: batch, height, width, channels."""
        self._steps = self._compiled(graphs[0].tables(3), root.tables(1))

    @classmethod
    def load(cls, path: Path) -> Model:
        """Return the model of a file.

        Raises:
            MalformedModel: it is no TensorFlow Lite model, or uses operators that are not known.
            OSError: the file cannot be read.
        """
        return cls(path.read_bytes())

    def run(self, picture: NDArray[np.floating[Any]]) -> Mapping[str, Tensor]:
        """Return the outputs by name for float32 of the input's shape.

        The batch may be larger than the model's, if it has no custom operators.
        """
        if picture.shape[1:] != self.input_shape[1:]:
            raise ValueError(f"the input has the shape {picture.shape}, not {self.input_shape}")
        values: dict[int, Tensor] = {self._inputs[0]: np.ascontiguousarray(picture, np.float32)}
        for step in self._steps:
            arguments = [
                values[number] if number in values else self._constants[number]
                for number in step.inputs
            ]
            values[step.output] = step.kernel(*arguments)
            for number in step.unused_after:
                values.pop(number, None)
        return {
            name: values[number] for name, number in zip(self._names, self._outputs, strict=True)
        }

    def _compiled(self, nodes: Sequence[Table], codes: Sequence[Table]) -> list[_Step]:
        steps: list[_Step] = []
        seen = set(self._outputs)
        for node in reversed(nodes):
            code = codes[node.number(0, "I")]
            inputs, output = node.numbers(1), node.numbers(2)[0]
            builtin = max(code.number(0, "b"), code.number(3, "i"))
            if builtin == _DEQUANTIZE and inputs[0] in self._constants:
                self._constants[output] = self._constants[inputs[0]].astype(np.float32)
                continue
            kernel = _kernel(builtin, code.text(1), node)
            unused = tuple(number for number in {*inputs, output} if number not in seen)
            seen.update(inputs)
            steps.append(_Step(kernel, inputs, output, unused))
        return steps[::-1]


def _kernel(builtin: int, custom: str, node: Table) -> _Kernel:
    """Return the function of an operator with its options."""
    if builtin == _CUSTOM:
        content = bytes(node.content(5))
        if custom == "Convolution2DTransposeBias":
            return custom_operators.transposed_convolution(
                read(content, "i", 4), read(content, "i", 8)
            )
        if custom in custom_operators.KERNELS:
            return custom_operators.KERNELS[custom](options(content))
    if builtin in operators.KERNELS:
        return operators.KERNELS[builtin](node.table(4) or Table.empty())
    raise MalformedModel(f"the operator {custom or builtin} is not known")


def _constants(tensors: Sequence[Table], buffers: Sequence[Table]) -> dict[int, Tensor]:
    found = {}
    for number, tensor in enumerate(tensors):
        content = buffers[tensor.number(2, "I")].content(0)
        kind, shape = tensor.number(1, "b"), tensor.numbers(0)
        if not content:
            continue
        if kind not in _TYPES:
            raise MalformedModel(f"constants of the type {kind} are not known")
        values = np.frombuffer(content, _TYPES[kind])
        if values.size != np.prod(shape, dtype=np.int64):
            raise MalformedModel("a constant has not the size that its shape says")
        found[number] = values.reshape(shape)
    return found
