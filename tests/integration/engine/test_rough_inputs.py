"""Every malformed file through every type that takes it: a result or a clear error, no hang.

Render types are discovered, so that new ones are covered. Damaged files go through all of them,
usable ones through every second one in turn: they share the same few readers.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

import av
import pytest
from PIL import Image

from gala.render_protocol import Done, Error, Output
from gala.render_types import RenderType, all_types
from tests.support.engine import EngineHarness, Made
from tests.support.malformed_media import ROUGH, Rough, rough

pytestmark = pytest.mark.slow

DEADLINE: Final = 45.0
REFUSALS: Final = {"UNPROCESSABLE_MEDIA", "VALIDATION_ERROR", "UNSUPPORTED_MEDIA"}
LENGTHS: Final = {
    "speed": lambda seconds: seconds / 2,
    "reverse": lambda seconds: seconds,
    "reframe": lambda seconds: seconds,
    "colorkey_overlay": lambda seconds: seconds,
    "picture_in_picture": lambda seconds: seconds,
    "add_text": lambda seconds: seconds,
    "caption_video": lambda seconds: seconds,
    "loop": lambda seconds: 2 * seconds,
    "merge": lambda seconds: seconds + 2,
}
"""Return the length of the example's result for a video of that length."""


def _tried() -> Iterator[tuple[RenderType, str, str, bool]]:
    for turn, one in enumerate(all_types().values()):
        for at, (name, file) in enumerate(ROUGH.items()):
            taking = [key for key in one.example_inputs if file.claims in one.inputs[key].media]
            if taking:
                # Each type meets a sixth of the files, each file a sixth of the types.
                yield one, taking[0], name, (turn + at) % 6 == 0


CASES: Final = [
    pytest.param(
        one, key, name, id=f"{one.name}: {name}", marks=() if usual else pytest.mark.exhaustive
    )
    for one, key, name, usual in _tried()
]


@pytest.fixture(scope="module")
def rough_file(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    folder = tmp_path_factory.mktemp("rough")
    return lambda name: rough(name, folder)


@pytest.mark.parametrize(("one", "key", "name"), CASES)
def test_a_rough_file_gives_a_right_result_or_a_clear_error(
    one: RenderType,
    key: str,
    name: str,
    engine: EngineHarness,
    samples: Callable[[str], Path],
    rough_file: Callable[[str], Path],
) -> None:
    inputs = {
        given: [samples(sample) for sample in used] for given, used in one.example_inputs.items()
    }
    inputs[key] = [rough_file(name), *inputs.get(key, [])[1:]]
    form = one.format and (96, 128, 10)
    length = 500 if one.duration_ms else None
    made = engine.make(
        one.name, one.example, size=form, duration_ms=length, seconds=DEADLINE, **inputs
    )
    assert_right_or_refused(made, one, ROUGH[name], one.input_field(key))


def assert_right_or_refused(made: Made, one: RenderType, file: Rough, field: str) -> None:
    end = made.events[-1]
    if isinstance(end, Error):
        if end.failure.code == "ENGINE_MISSING":
            return  # before or after the inspection of the file
        assert end.failure.code in REFUSALS, end
        assert file.usable is not True, f"it can be used: {end.failure.message}"
        assert field in end.failure.message or "params." in end.failure.message, end.failure.message
        return
    assert isinstance(end, Done)
    assert file.usable is not False, "nothing can be made of this"
    for output in made.outputs.values():
        assert_decodes(made.folder / output.path, output)
    expected = LENGTHS.get(one.name)
    if expected and file.seconds:
        assert seconds_of(made.path("video")) == pytest.approx(expected(file.seconds), abs=0.17)


def assert_decodes(path: Path, output: Output) -> None:
    assert path.stat().st_size == output.size > 0
    if output.mime.startswith(("video/", "audio/")):
        with av.open(str(path)) as container:
            assert sum(1 for _ in container.decode()) > 0
    elif output.mime.startswith("image/"):
        with Image.open(path) as image:
            image.load()


def seconds_of(path: Path) -> float:
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        assert stream.duration is not None
        assert stream.time_base is not None
        return float(stream.duration * stream.time_base)
