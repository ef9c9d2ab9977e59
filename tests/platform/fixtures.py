"""Real processes that many tests share.

Fixtures: ``shared_stack`` (a :class:`Stack`, all of it, and Whisper with tiny weights) with
``api``, a client of its API; ``image_service`` (what its renderer has as ``IMAGE_SERVICE_URL``;
leave it as it was), ``api_only`` (a :class:`Stack` of which only the API runs: its jobs stay
QUEUED) with ``api_only_client``, a client of it; ``media_stack`` (all processes, and Kokoro and
Whisper with tiny weights) with ``media``, a client of it; ``published_stack`` (with published
weights); ``elsewhere``, the URL of a web server with a picture and a film. Never kill or stop
anything here, and resume what you pause; other tests' rows are there too.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from contextlib import suppress

import httpx
import pytest

from gala.job import Lane
from tests.fakes.generation_service import Service, serving
from tests.platform.distribution import close_with_group
from tests.platform.stack import Stack, stack_in
from tests.support import http
from tests.support.media_server_client import tiny_film, web_server
from tests.support.model_weights import ModelWeights
from tests.support.real_weights import PulledWeights
from tests.support.whisper_weights import make_whisper

SMALL = {"output": {"format": {"width": 64, "height": 112, "fps": 10}}}
"""Fields of a job that make its render quick."""

MAX_UPLOAD = 32 * 1024 * 1024
"""The largest upload in bytes."""

_LIMITS = {"API_MAX_UPLOAD_BYTES": str(MAX_UPLOAD)}
_numbers = itertools.count(1)


def _client(stack: Stack) -> httpx.Client:
    return http.Client(base_url=stack.base_url, timeout=30, trust_env=False)


@pytest.fixture(scope="session")
def image_service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """A fake image generation service for the whole run."""
    with serving(tmp_path_factory.mktemp("images")) as service:
        yield service


@pytest.fixture(scope="session")
def shared_stack(
    image_service: Service,
    new_database: Callable[..., str],
    new_redis_url: Callable[[], str],
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Stack]:
    """All processes except Swagger UI, for the whole run."""
    root = tmp_path_factory.mktemp("shared")
    redis_url = new_redis_url()
    lanes = {Lane.BATCH: 1, Lane.INTERACTIVE: 1}
    # Not the fixture model_weights: with published weights, all of these tests would run.
    whisper = make_whisper(root / "whisper-tiny", multilingual=True)
    env = {**_LIMITS, "IMAGE_SERVICE_URL": image_service.url, "WHISPER_MODEL": str(whisper)}
    stack = stack_in(root, new_database(), redis_url, lanes, **env)
    close_with_group(stack.close)
    stack.start()
    yield stack
    stack.close()


@pytest.fixture(scope="session")
def api(shared_stack: Stack) -> Iterator[httpx.Client]:
    """A client of the shared stack's API."""
    with _client(shared_stack) as client:
        yield client


@pytest.fixture(scope="session")
def api_only(
    new_database: Callable[..., str],
    new_redis_url: Callable[[], str],
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Stack]:
    """The API without renderer and workers, for the whole run."""
    root = tmp_path_factory.mktemp("door")
    redis_url = new_redis_url()
    stack = stack_in(root, new_database(), redis_url, {}, **_LIMITS, MODEL_CHECK_SECONDS="1")
    close_with_group(stack.close)
    stack.start("api")
    yield stack
    stack.close()


@pytest.fixture(scope="session")
def api_only_client(api_only: Stack) -> Iterator[httpx.Client]:
    """A client of the API that has no renderer and no workers."""
    with _client(api_only) as client:
        yield client


@pytest.fixture
def quick_template(api: httpx.Client) -> str:
    """The id of a template whose jobs take a moment (0.3 s of 64x112)."""
    body = {
        "type": "hello_render",
        "name": f"quick {next(_numbers)}",
        "duration_ms": 300,
        "format": SMALL["output"]["format"],
    }
    answer = api.post("/templates", json=body)
    assert answer.status_code == 201, answer.text
    template_id: str = answer.json()["template"]["id"]
    return template_id


@pytest.fixture(scope="session")
def media_stack(
    model_weights: ModelWeights,
    new_database: Callable[..., str],
    new_redis_url: Callable[[], str],
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Stack]:
    """All processes except Swagger UI; a test that stops a worker starts it again."""
    root = tmp_path_factory.mktemp("media-server")
    stack = stack_in(
        root,
        new_database(),
        new_redis_url(),
        {Lane.BATCH: 1, Lane.INTERACTIVE: 1},
        KOKORO_WEIGHTS=str(model_weights.kokoro(root)),
        WHISPER_MODEL=str(model_weights.whisper(root)),
        FETCH_ALLOWED_HOSTS="127.0.0.1",
        WORKER_LEASE_SECONDS="2",
        WORKER_SWEEP_SECONDS="0.5",
        WORKER_BACKOFF_SECONDS="0.1",
        API_MAX_UPLOAD_BYTES="4000000",
    )
    close_with_group(stack.close)
    stack.start()
    yield stack
    stack.close()


@pytest.fixture(scope="session")
def published_stack(
    real_weights: PulledWeights,
    new_database: Callable[..., str],
    new_redis_url: Callable[[], str],
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Stack]:
    """API, renderer and one worker, with those published weights that could be had.

    Tests ask ``real_weights`` for theirs, which skips them if these could not.
    """
    for name in ("faces", "kokoro", "whisper:base"):
        with suppress(pytest.skip.Exception):
            real_weights(name)
    stack = stack_in(
        tmp_path_factory.mktemp("published"),
        new_database(),
        new_redis_url(),
        {Lane.INTERACTIVE: 1},
        GALA_WEIGHTS_DIR=str(real_weights()),
        MODEL_CHECK_SECONDS="100",
        WHISPER_COMPUTE_TYPE="int8",
    )
    close_with_group(stack.close)
    stack.start()
    yield stack
    stack.close()


@pytest.fixture(scope="session")
def media(media_stack: Stack) -> Iterator[httpx.Client]:
    """A client of the media server's routes."""
    with http.Client(base_url=media_stack.base_url, timeout=60, trust_env=False) as client:
        yield client


@pytest.fixture(scope="session")
def elsewhere(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The URL of a web server with a picture and a video; all other pages are HTML."""
    film = tiny_film(tmp_path_factory.mktemp("elsewhere")).read_bytes()
    with web_server(film) as url:
        yield url
