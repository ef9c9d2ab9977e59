"""kokoro called directly, as its documentation shows: ``python kokoro_side.py <folder> <voice>``.

For each line on stdin (a text as JSON) it prints the seconds that the synthesis took, and the
seconds of speech.
"""

from __future__ import annotations

import json
import os
import sys
import time
from pathlib import Path


def main(folder: Path, voice: str) -> None:
    """Load once, then speak, with the nice value of the renderer's processes."""
    os.nice(10)
    from kokoro.model import KModel
    from kokoro.pipeline import KPipeline

    config, weights = folder / "config.json", folder / "kokoro-v1_0.pth"
    repository = "hexgrad/Kokoro-82M"
    model = KModel(repo_id=repository, config=str(config), model=str(weights)).eval()
    pipeline = KPipeline(lang_code=voice[0], repo_id=repository, model=model)
    style = str(folder / "voices" / f"{voice}.pt")
    for line in sys.stdin:
        began = time.perf_counter()
        said = [result.audio.numpy() for result in pipeline(json.loads(line), voice=style)]
        took = time.perf_counter() - began
        print(json.dumps([took, sum(map(len, said)) / 24_000]), flush=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
