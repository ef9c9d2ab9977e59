"""The jobs of programs go through JSON unchanged."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from gala.presenter_looks import CHARACTERS, CharacterName, Framing
from gala.timeline.document.easing import Easing
from gala_renderer.avatars.bodies import CharacterSpec, PortraitSpec, RawPicture, SpritesSpec
from gala_renderer.avatars.frame_job import BackgroundKind, FrameJob, PresenterJob
from gala_renderer.program_jobs import job_text, read_job
from gala_renderer.timeline.drawing.figures import Arc, Bar, Curve, Figures, Growth, Label
from gala_renderer.timeline.drawing.job import DrawingJob, Mask, Material, MovingJob, Sequence

BODIES = (
    CharacterSpec(options=CHARACTERS[CharacterName.LEO]),
    PortraitSpec(folder=Path("/a/ñ")),
    SpritesSpec(pictures={"base": RawPicture(path=Path("b"), width=2, height=4)}, layout="{}"),
)
FRAMES = FrameJob(
    pipe=Path("/pipe"),
    width=640,
    height=360,
    alpha=True,
    fps="30000/1001",
    frames=3,
    motion=Path("motion.npy"),
    presenters=tuple(
        PresenterJob(
            body=body,
            region=(0, 2, 4, 6),
            framing=Framing.BUST,
            background=BackgroundKind.PICTURE,
            color="#010203",
            picture=Path("picture.rgb"),
        )
        for body in BODIES
    ),
)
FIGURES = Figures(
    figures=(
        Bar(left=0, top=1.5, width=2, height=3, radius=0, color="red"),
        Arc(center=(1, 2.5), radius=1, thickness=0.1, turn=0.5, color="#fff"),
        Curve(points=((0, 0), (1, 2)), thickness=1, color="blue", floor=9),
        Label(path=Path("l.png"), left=1, top=2, moves=Growth(frames=5, easing=Easing.STEP_END)),
    )
)
MOVING = MovingJob(
    pipe=Path("p"),
    width=2,
    height=2,
    alpha=False,
    material=Material(kind="sequence", path=Path("s"), width=2, height=2, alpha=True),
    poses=Path("poses.npy"),
    mask=Mask(path=Path("m"), width=2, height=2),
)


@pytest.mark.parametrize(
    "job",
    [
        FRAMES,
        FIGURES,
        DrawingJob(layers=(MOVING,), presenters=(Path("one"), Path("two"))),
        Sequence(pictures=((Path("a.png"), 2), (Path("b.png"), 3))),
    ],
    ids=lambda job: type(job).__name__,
)
def test_a_job_is_read_as_it_was_written(job: FrameJob | Figures | DrawingJob | Sequence) -> None:
    assert read_job(type(job), job_text(job)) == job


@dataclass(frozen=True)
class _Job:
    size: tuple[int, int]
    share: float = 0.0
    path: Path | None = None


def test_whole_numbers_become_floats_where_the_job_says_so() -> None:
    share = read_job(_Job, '{"size": [1, 2], "share": 1}').share
    assert isinstance(share, float)


@pytest.mark.parametrize(
    "other", [{"size": [1]}, {"size": [1, 2, 3]}, {"size": [1, 2], "colour": "red"}, {}]
)
def test_another_job_is_an_error(other: dict[str, object]) -> None:
    with pytest.raises((TypeError, ValueError, LookupError)):
        read_job(_Job, json.dumps(other))


@pytest.mark.parametrize(
    "module",
    ["gala_renderer.avatars.frame_program", "gala_renderer.avatars.preparation_program",
     "gala_renderer.avatars.preview_program",
     "gala_renderer.timeline.drawing.program",
     "gala_renderer.avatars.drawings.character", "gala_renderer.avatars.portrait.portrait_body"],
)  # fmt: skip
def test_the_programs_that_draw_start_without_models(module: str) -> None:
    code = f"import {module}, sys; print({{'av', 'pydantic'}} & set(sys.modules))"
    done = subprocess.run(
        [sys.executable, "-I", "-c", code], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "set()"
