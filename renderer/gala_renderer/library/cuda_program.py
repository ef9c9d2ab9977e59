"""Prints the graphics cards that CUDA sees, as JSON: ``[{"name": "…", "memory_bytes": n}]``.

Asks the driver's own library, so that no package is needed.
"""

from __future__ import annotations

import ctypes
import json
import sys


def cards() -> list[dict[str, object]]:
    """Every card, in CUDA's order; none without a driver."""
    try:
        cuda = ctypes.CDLL("libcuda.so.1")
    except OSError:
        return []
    count = ctypes.c_int()
    if cuda.cuInit(0) != 0 or cuda.cuDeviceGetCount(ctypes.byref(count)) != 0:
        return []
    return [card(cuda, number) for number in range(count.value)]


def card(cuda: ctypes.CDLL, number: int) -> dict[str, object]:
    """What CUDA tells of one."""
    device, memory, name = ctypes.c_int(), ctypes.c_size_t(), ctypes.create_string_buffer(256)
    cuda.cuDeviceGet(ctypes.byref(device), number)
    cuda.cuDeviceGetName(name, len(name), device)
    cuda.cuDeviceTotalMem_v2(ctypes.byref(memory), device)
    return {"name": name.value.decode(errors="replace"), "memory_bytes": memory.value}


if __name__ == "__main__":
    sys.stdout.write(json.dumps(cards()))
