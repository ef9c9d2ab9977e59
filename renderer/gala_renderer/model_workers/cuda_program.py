"""Print the CUDA graphics cards as JSON: ``[{"name": "…", "memory_bytes": n}]``.

The program uses the driver's library directly, so that it needs no package.
"""

from __future__ import annotations

import ctypes
import json
import sys


def cards() -> list[dict[str, object]]:
    """Return all cards in CUDA's order; an empty list if there is no driver."""
    try:
        cuda = ctypes.CDLL("libcuda.so.1")
    except OSError:
        return []
    count = ctypes.c_int()
    if cuda.cuInit(0) != 0 or cuda.cuDeviceGetCount(ctypes.byref(count)) != 0:
        return []
    return [card(cuda, number) for number in range(count.value)]


def card(cuda: ctypes.CDLL, number: int) -> dict[str, object]:
    """Return the name and the memory of one card."""
    device, memory, name = ctypes.c_int(), ctypes.c_size_t(), ctypes.create_string_buffer(256)
    cuda.cuDeviceGet(ctypes.byref(device), number)
    cuda.cuDeviceGetName(name, len(name), device)
    cuda.cuDeviceTotalMem_v2(ctypes.byref(memory), device)
    return {"name": name.value.decode(errors="replace"), "memory_bytes": memory.value}


if __name__ == "__main__":
    sys.stdout.write(json.dumps(cards()))
