"""Memory that was freed is returned to the system."""

from __future__ import annotations

import subprocess
import sys

import pytest

_PROGRAM = """
import resource, sys
import numpy as np
from gala_renderer.avatars.frame_writer import write_frames
from pathlib import Path

def resident():
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * resource.getpagesize()

found = []

def frames():
    # Small pieces, so that the C library does not return each at once; the last one stays.
    pieces = [bytearray(64 * 1024) for _ in range(1600)]
    stays = pieces.pop()
    found.append(resident())
    del pieces
    for _ in range(3):
        yield np.zeros(16, np.uint8)
    found.append(resident())
    del stays

write_frames(Path("/dev/null"), frames())
print(found[0] - found[1])
"""


@pytest.mark.skipif(sys.platform != "linux", reason="only glibc has malloc_trim")
def test_what_was_prepared_for_the_first_frame_does_not_stay_in_memory() -> None:
    done = subprocess.run([sys.executable, "-c", _PROGRAM], check=True, capture_output=True)
    assert int(done.stdout) > 80 * 1024 * 1024
