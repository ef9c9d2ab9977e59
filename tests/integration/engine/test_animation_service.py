"""Portraits animated by the operator's service, whose answers are not trusted."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path
from types import MappingProxyType
from typing import Any

import cv2
import pytest

from gala.errors import GalaError
from gala.generation import response_limits
from gala.media import MediaClass
from gala_renderer.avatars.body import Box
from gala_renderer.avatars.driving.clip_check import checked_clip
from gala_renderer.avatars.driving.service import AnimationRequest, AvatarService
from gala_renderer.engine.context import RenderContext
from gala_renderer.engine.plan import Canvas
from tests.fakes.avatar_service import AvatarServiceFake, serving
from tests.fakes.media_files import make
from tests.support import xmp
from tests.support.engine import EngineHarness, Made
from tests.support.media_probe import read_frames
from tests.support.portraits import painted
from tests.support.real_weights import PULL_SECONDS, PulledWeights

pytestmark = pytest.mark.timeout(PULL_SECONDS)

KEY = "very-secret-0123456789"
SIZE = (288, 360)
CANVAS = Canvas(160, 200, 10, 10)
SPOKEN: dict[str, Any] = {
    "text": "Mamá.",
    "engine": "espeak",
    "language": "es",
    "quality": "draft",
    "captions": None,
    "presenters": [{"driver": "service"}],
}


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[AvatarServiceFake]:
    with serving(tmp_path_factory.mktemp("service")) as found:
        yield found


@pytest.fixture
def service(running: AvatarServiceFake) -> AvatarServiceFake:
    """A service that answers well, until a test says otherwise."""
    running.answer = "good"
    running.fields.clear()
    running.files.clear()
    running.hung_up.clear()
    return running


@pytest.fixture(scope="module")
def engine(
    running: AvatarServiceFake,
    tmp_path_factory: pytest.TempPathFactory,
    real_weights: PulledWeights,
) -> Iterator[EngineHarness]:
    harness = EngineHarness(
        tmp_path_factory.mktemp("engine"),
        avatar_service_url=running.url,
        avatar_service_key=KEY,
        gala_weights_dir=real_weights("faces"),
    )
    yield harness
    harness.close()


@pytest.fixture(scope="module")
def portrait(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("portrait") / "portrait.png"
    cv2.imwrite(str(path), cv2.resize(painted("young")[..., ::-1], SIZE))
    return path


@pytest.fixture(scope="module")
def request_(portrait: Path) -> AnimationRequest:
    """One second of a portrait, and a sound."""
    audio = make(portrait.with_name("voice.wav"), "-f", "lavfi", "-i", "sine=r=16000:d=1")
    return AnimationRequest(shown=portrait, audio=audio, width=SIZE[0], height=SIZE[1], fps=10)


def animated(
    engine: EngineHarness, request: AnimationRequest, folder: Path, *, seconds: float = 60
) -> Any:
    """Request a video and check it, as a render does."""
    settings = engine.settings.model_copy(update={"avatar_service_seconds": seconds})
    context = RenderContext(
        ffmpeg=engine.engine.ffmpeg,
        services=engine.engine.services,
        scratch=folder,
        part=lambda name: folder / name,
        threads=2,
    )

    async def work() -> Any:
        sent = await AvatarService(settings).animate(request, "a", folder, lambda _: None)
        face = Box(90, 70, 200, 210)
        return await checked_clip(context, sent, request, CANVAS, face)

    return asyncio.run(work())


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        ("dies", "does not answer"),
        ("half", "does not answer"),
        ("error", "answered 500: out of memory"),
        ("text", "sent no video"),
        ("small", "has 72 x 360 pixels instead of 288 x 360"),
        ("slow", "has 5 frames per second instead of 10"),
        ("short", "is 0.50 s long instead of 1.00"),
        ("long", "is 6.00 s long instead of 1.00"),
        ("damaged", "this file cannot be used"),
        ("faceless", "shows no face"),
    ],
)
def test_an_answer_that_cannot_be_used_is_found_out(
    engine: EngineHarness,
    service: AvatarServiceFake,
    request_: AnimationRequest,
    tmp_path: Path,
    answer: str,
    reason: str,
) -> None:
    service.answer = answer
    with pytest.raises(GalaError) as failure:
        animated(engine, request_, tmp_path)
    assert reason in failure.value.message
    assert KEY not in str(failure.value)


def test_a_service_that_stalls_is_given_up_and_disconnected(
    engine: EngineHarness, service: AvatarServiceFake, request_: AnimationRequest, tmp_path: Path
) -> None:
    service.answer = "stalls"
    with pytest.raises(GalaError, match=r"took longer than 0\.3 seconds"):
        animated(engine, request_, tmp_path, seconds=0.3)
    assert service.hung_up.wait(5)


def test_an_answer_that_does_not_end_is_cut_off(
    engine: EngineHarness,
    service: AvatarServiceFake,
    request_: AnimationRequest,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    limits = MappingProxyType({MediaClass.VIDEO: 1000})
    monkeypatch.setattr(response_limits, "_MAX_BYTES", limits)
    with pytest.raises(GalaError, match="sent more than 1000 bytes"):
        animated(engine, request_, tmp_path)


@pytest.fixture(scope="module")
def driven(engine: EngineHarness, running: AvatarServiceFake, portrait: Path) -> Made:
    running.answer = "good"
    return engine.make("presenter", SPOKEN, size=(160, 200, 10), portrait=portrait)


def test_the_services_video_is_shown(driven: Made, running: AvatarServiceFake) -> None:
    _, frames = read_frames(driven.path("video"))
    # The stand-in makes every frame lighter than the one before.
    light = frames.mean((1, 2))
    assert light[0] > 75
    assert light[-1] > light[0] + 15
    assert running.key == f"Bearer {KEY}"
    assert running.fields == {"width": "288", "height": "360", "fps": "10"}
    assert "presenter 1 was animated by the operator's service" in driven.logs
    packet = xmp.box_packet(driven.path("video"))
    assert xmp.source_type(packet) == "compositeSynthetic"
    assert "generated video of a portrait" in xmp.comment(packet)


def test_when_the_service_fails_gala_moves_the_portrait_and_the_log_says_so(
    engine: EngineHarness, service: AvatarServiceFake, portrait: Path
) -> None:
    service.answer = "error"
    both = {"presenters": [{"driver": "service"}, {"driver": "service", "character": {}}]}
    made = engine.make("presenter", {**SPOKEN, **both}, size=(240, 160, 10), portrait=portrait)
    assert [line for line in made.logs if "driver" in line] == [
        (
            "params.presenters.0.driver: The animation service answered 500: out of memory;"
            " GALA moves the portrait itself"
        ),
        (
            "params.presenters.1.driver: the service animates portraits only;"
            " GALA moves the presenter itself"
        ),
    ]
    _, frames = read_frames(made.path("video"))
    moved = frames.max(0).astype(int) - frames.min(0)
    assert moved[:, :120].max() > 40


def test_the_service_gets_a_video_of_the_person_at_rest_instead_of_a_picture(
    engine: EngineHarness, service: AvatarServiceFake, portrait: Path, tmp_path: Path
) -> None:
    idle = make(tmp_path / "idle.mp4", "-loop", "1", "-i", str(portrait), "-t", "0.5", "-r", "25",
                "-vf", "format=yuv420p", "-c:v", "libx264")  # fmt: skip
    made = engine.make("presenter", SPOKEN, size=(160, 200, 10), portrait=idle)
    _, frames = read_frames(made.path("video"))
    light = frames.mean((1, 2))
    assert light[-1] > light[0] + 8
    assert set(service.files) == {"idle", "audio"}
    times, sent = read_frames(service.files["idle"])
    assert sent.shape[1:] == (SIZE[1], SIZE[0])
    assert len(times) == 5
    service.answer = "error"
    made = engine.make("presenter", SPOKEN, size=(160, 200, 10), portrait=idle)
    assert any("GALA moves the portrait itself" in line for line in made.logs)
    _, frames = read_frames(made.path("video"))
    assert (frames.max(0).astype(int) - frames.min(0)).max() > 40


def test_in_a_composition_the_services_video_is_shown_in_its_box(
    engine: EngineHarness, service: AvatarServiceFake, portrait: Path
) -> None:
    clip = {
        "type": "presenter",
        "text": "Mamá.",
        "src": "portrait.png",
        "driver": "service",
        "background": "keep",
        "width": "50%",
        "height": "100%",
        "position": "left",
    }
    cut_out = {**clip, "background": "none", "position": "right"}
    params = {
        "voice": {"engine": "espeak", "language": "es"},
        "quality": "draft",
        "tracks": [{"clips": [clip]}, {"clips": [cut_out]}],
    }  # fmt: skip
    made = engine.make("timeline", params, size=(320, 200, 10), media=[portrait])
    _, frames = read_frames(made.path("video"))
    light = frames[..., :160].mean((1, 2))
    assert light[-1] > light[0] + 15
    assert service.fields == {"width": "288", "height": "360", "fps": "10"}
    assert "/tracks/0/clips/0 was animated by the operator's service" in made.logs
    (refused,) = [line for line in made.logs if "driver" in line]
    assert refused.startswith("/tracks/1/clips/0/driver: the service shows portraits only")


def test_in_a_composition_gala_moves_the_portrait_if_the_service_fails(
    engine: EngineHarness, service: AvatarServiceFake, portrait: Path
) -> None:
    service.answer = "error"
    clip = {"type": "presenter", "text": "Mamá.", "src": "portrait.png", "driver": "service",
            "background": "blur"}  # fmt: skip
    kept = {**clip, "background": "keep", "width": "50%"}
    params = {
        "voice": {"engine": "espeak", "language": "es"},
        "tracks": [{"clips": [clip]}, {"clips": [kept]}],
    }
    made = engine.make("timeline", params, size=(160, 200, 10), media=[portrait])
    refused = "; GALA moves the portrait itself"
    expected = "/tracks/1/clips/0/driver: The animation service answered 500: out of memory"
    assert f"{expected}{refused}" in made.logs
    _, frames = read_frames(made.path("video"))
    assert (frames.max(0).astype(int) - frames.min(0)).max() > 40
