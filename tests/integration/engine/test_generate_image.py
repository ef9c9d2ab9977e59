"""Image generation by the operator's service, whose responses are not trusted."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from pydantic import ValidationError

from gala.engine import MediaOrder, local_engine
from gala.errors import InvalidRequest
from gala.generation import response_limits
from gala.media import MediaClass
from gala_renderer import in_process
from gala_renderer.settings import RendererSettings
from tests.fakes.generation_service import ROUTES, Service, serving
from tests.fakes.media_files import make
from tests.support.engine import EngineHarness
from tests.support.hostile_image_answers import TRAPS
from tests.support.wait import wait_until

KEY = "sk-very-secret-0123456789"
SMALL: dict[str, Any] = {"prompt": "A city", "width": 64, "height": 64}

Opened = Callable[..., EngineHarness]


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    with serving(tmp_path_factory.mktemp("service")) as found:
        yield found


@pytest.fixture
def service(running: Service) -> Service:
    """A service, reset for every test."""
    running.reset()
    return running


@pytest.fixture(scope="module")
def opened(running: Service, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Opened]:
    """Return a function that opens an engine with that service and other settings."""
    harnesses: dict[str, EngineHarness] = {}

    def open_room(**more: Any) -> EngineHarness:
        settings = {
            "image_service_url": running.url,
            "image_service_key": KEY,
            "image_service_dialect": "json",
            **more,
        }
        if repr(settings) not in harnesses:
            harnesses[repr(settings)] = EngineHarness(tmp_path_factory.mktemp("engine"), **settings)
        return harnesses[repr(settings)]

    yield open_room
    for harness in harnesses.values():
        harness.close()


@pytest.mark.parametrize("dialect", ROUTES)
def test_a_prompt_becomes_a_picture_of_the_size_that_was_asked_for(
    opened: Opened, service: Service, tmp_path: Path, dialect: str
) -> None:
    source = make(tmp_path / "made.png", "-f", "lavfi", "-i", "testsrc=s=96x64", "-frames:v", "1")
    service.picture = source.read_bytes()
    harness = opened(image_service_dialect=dialect, image_model="some-model")
    params = {"prompt": "A city", "style": "watercolour", "width": 96, "height": 64}
    made = harness.make("generate_image", {**params, "picture_format": "png"})

    assert made.outputs["image"].mime == "image/png"
    with Image.open(made.path("image")) as picture:
        assert picture.size == (96, 64)
        drawn = picture.convert("RGB").tobytes()
    with Image.open(source) as picture:
        assert drawn == picture.convert("RGB").tobytes()
    [(path, body)] = service.asked
    assert path == ROUTES[dialect]
    assert service.keys == [f"Bearer {KEY}"]
    assert "A city" in body["prompt"]
    assert "watercolour" in str(body)
    assert "some-model" in str(body)
    assert not [line for line in made.logs if "cropped" in line]
    assert made.fractions == sorted(made.fractions)
    assert KEY not in repr(made.events)


def test_a_picture_of_another_shape_is_cropped_not_stretched_and_that_is_told(
    opened: Opened, service: Service, tmp_path: Path
) -> None:
    flags = [f"color={colour}:s=100x100:d=0.1" for colour in ("red", "lime", "blue")]
    inputs = [word for flag in flags for word in ("-f", "lavfi", "-i", flag)]
    stacked = ("-filter_complex", "hstack=inputs=3", "-frames:v", "1")
    service.picture = make(tmp_path / "flag.png", *inputs, *stacked).read_bytes()
    made = opened().make("generate_image", {**SMALL, "width": 128, "height": 128})
    with Image.open(made.path("image")) as picture:
        assert picture.size == (128, 128)
        assert picture.format == "JPEG"
        for at in ((8, 64), (64, 64), (120, 64)):
            red, green, blue = picture.convert("RGB").getpixel(at)  # type: ignore[misc]
            assert green > 200 > max(red, blue), at
    assert any("300 x 100" in line and "128 x 128" in line for line in made.logs)


def test_what_a_services_way_cannot_say_is_told(opened: Opened, service: Service) -> None:
    harness = opened(image_service_dialect="openai")
    made = harness.make("generate_image", {**SMALL, "seed": 3, "negative_prompt": "people"})
    assert any("no negative_prompt and no seed" in line for line in made.logs)


def test_openais_newer_models_are_not_told_how_to_answer(opened: Opened, service: Service) -> None:
    harness = opened(image_service_dialect="openai")
    for model in ("gpt-image-1", "dall-e-3"):
        harness.make("generate_image", {**SMALL, "model": model}).path("image")
    assert ["response_format" in body for _, body in service.asked] == [False, True]


@pytest.mark.parametrize(
    ("reply", "code", "retryable", "told"),
    [
        ((503, b"warming up"), "UNAVAILABLE", True, "warming up"),
        ((429, b"slow down"), "RATE_LIMITED", True, "slow down"),
        ((400, b'{"error":"no such size"}'), "RENDER_FAILED", False, "no such size"),
        ((302, b""), "RENDER_FAILED", False, "302"),
        ((401, b"who is %s?" % KEY.encode()), "ENGINE_MISSING", False, "who is …?"),
        (
            (404, b"Not Found"),
            "ENGINE_MISSING",
            False,
            "none of the known routes (/generate: 404 Not Found)",
        ),
    ],
)
def test_what_the_service_answers_amiss_becomes_an_error_without_its_key(
    opened: Opened,
    service: Service,
    reply: tuple[int, bytes],
    code: str,
    retryable: bool,
    told: str,
) -> None:
    service.refusals = [reply]
    made = opened().make("generate_image", SMALL)
    assert (made.error.code, made.error.retryable) == (code, retryable)
    assert told in made.error.message
    assert KEY not in repr(made.events)
    assert service.url not in repr(made.events)


@pytest.mark.parametrize("trap", TRAPS)
def test_what_is_no_usual_picture_is_refused(opened: Opened, service: Service, trap: str) -> None:
    service.picture = TRAPS[trap]
    made = opened().make("generate_image", SMALL)
    assert made.error.code == "RENDER_FAILED"
    assert not list(made.folder.rglob("painted*"))


def test_a_picture_that_is_cut_off_is_refused_by_whoever_decodes_it(
    opened: Opened, service: Service
) -> None:
    service.picture = service.picture[:200]
    made = opened().make("generate_image", SMALL)
    assert made.error.code == "RENDER_FAILED"


@pytest.mark.parametrize(
    "said",
    [
        b"[" * 100_000,
        b'{"data": []}',
        b'{"image": 7}',
        b'{"image": "&&&"}',
        b'{"image": {"url": "http://[::1"}}',
        b'{"image": {"url": "file:///etc/passwd"}}',
        b'{"image": {"url": "http://127.0.0.1:1/other.png"}}',
        b"\xff\xfe no JSON",
    ],
)
def test_an_answer_that_makes_no_sense_is_refused(
    opened: Opened, service: Service, said: bytes
) -> None:
    service.said = said
    made = opened().make("generate_image", SMALL)
    assert made.error.code == "RENDER_FAILED"


def test_a_link_to_the_service_itself_is_followed(opened: Opened, service: Service) -> None:
    service.link = "/made.png"
    made = opened(image_service_dialect="openai").make("generate_image", SMALL)
    assert made.outputs["image"].size > 0


def test_a_service_that_sends_too_much_is_left(
    opened: Opened, service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(response_limits, "_MAX_BYTES", {MediaClass.IMAGE: 1000})
    service.said = json.dumps({"image": "A" * 100_000}).encode()
    made = opened().make("generate_image", SMALL)
    assert "more than 1500 bytes" in made.error.message


def test_nothing_set_is_told_with_what_to_set(tmp_path: Path) -> None:
    harness = EngineHarness(tmp_path)
    error = harness.make("generate_image", SMALL).error
    harness.close()
    assert error.code == "ENGINE_MISSING"
    assert "IMAGE_SERVICE_URL" in error.message
    assert "IMAGE_WEIGHTS" in error.message


def test_a_service_that_is_away_may_be_tried_again(opened: Opened) -> None:
    error = opened(image_service_url="http://127.0.0.1:1").make("generate_image", SMALL).error
    assert (error.code, error.retryable) == ("UNAVAILABLE", True)


@pytest.mark.parametrize("url", ["ftp://here", "http://", "http://here:99999", "http://a@here"])
def test_an_address_that_is_none_is_refused_at_the_start(tmp_path: Path, url: str) -> None:
    with pytest.raises(ValidationError, match="image_service_url"):
        RendererSettings(data_root=tmp_path, image_service_url=url)


def test_cancelling_hangs_up(opened: Opened, service: Service) -> None:
    service.go.clear()
    harness = opened()
    folder = harness.cancelled("generate_image", SMALL, when=lambda _: service.arrived.is_set())
    wait_until(service.hung_up.is_set)
    assert not list(folder.rglob("painted*"))


def test_a_deadline_ends_the_waiting(opened: Opened, service: Service) -> None:
    service.go.clear()
    harness = opened()
    made = harness.make("generate_image", SMALL, seconds=4.0)
    assert made.error.code == "DEADLINE_EXCEEDED"
    wait_until(service.hung_up.is_set)


def test_only_an_exact_repeat_with_a_seed_is_answered_from_the_cache(
    opened: Opened, service: Service
) -> None:
    harness = opened(renderer_cache_bytes=1024**3)
    for params in (SMALL, SMALL, {**SMALL, "seed": 1}, {**SMALL, "seed": 1}, {**SMALL, "seed": 2}):
        assert harness.make("generate_image", params).outputs
    assert [body.get("seed") for _, body in service.asked] == [None, None, 1, 2]


def test_a_program_has_its_environments_service_asked(
    service: Service, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    in_process.engine().close()
    monkeypatch.setenv("GALA_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("IMAGE_SERVICE_URL", service.url)
    target = tmp_path / "city.jpg"
    order = MediaOrder(type="generate_image", params=SMALL, outputs={"image": target})
    made = local_engine().make(order)
    in_process.engine().close()
    assert made.files["image"].mime == "image/jpeg"
    assert any("32 x 32" in warning for warning in made.warnings)
    with Image.open(target) as picture:
        assert picture.size == (64, 64)


@pytest.mark.parametrize(
    ("name", "taken"),
    [("stabilityai/sdxl-turbo", True), ("v1-5 (pruned) [cc6cb27103]", True), ("x" * 201, False)],
)
def test_models_are_named_as_services_name_them(
    opened: Opened, service: Service, name: str, taken: bool
) -> None:
    if taken:
        assert opened().make("generate_image", {**SMALL, "model": name}).outputs
        assert name in str(service.asked)
    else:
        assert isinstance(opened().refusal("generate_image", {"model": name}), InvalidRequest)


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"url": "http://127.0.0.1/"}, "params.url"),
        ({"model": "../../etc"}, "params.model"),
        ({"model": "models/../../etc"}, "params.model"),
        ({"model": "http://127.0.0.1/"}, "params.model"),
        ({"model": "/etc"}, "params.model"),
        ({"model": "http\n://"}, "params.model"),
        ({"width": 63}, "params.width"),
        ({"height": 2050}, "params.height"),
        ({"prompt": " \n"}, "params.prompt"),
        ({"prompt": "\x1b[0m"}, "params.prompt"),
        ({"steps": 0}, "params.steps"),
        ({"seed": -1}, "params.seed"),
        ({"picture_format": "svg"}, "params.picture_format"),
    ],
)
def test_params_that_make_no_sense_are_refused_by_name(
    opened: Opened, service: Service, wrong: dict[str, Any], field: str
) -> None:
    error = opened().refusal("generate_image", {**SMALL, **wrong})
    assert isinstance(error, InvalidRequest)
    assert error.details["field"] == field
    assert not service.asked
