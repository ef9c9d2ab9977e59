"""Rendered films, seen by the model that finds faces: lips, lids, stillness and sharpness."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PIL import Image

from tests.support.lip_proof import Proof, Stage
from tests.support.portraits import painted
from tests.support.real_weights import PULL_SECONDS, PulledWeights

pytestmark = pytest.mark.timeout(PULL_SECONDS)

SIZE = (288, 360, 20)


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory, real_weights: PulledWeights) -> Iterator[Stage]:
    made = Stage(tmp_path_factory.mktemp("proof"), real_weights("faces", "kokoro"))
    yield made
    made.close()


@pytest.fixture(
    scope="module",
    params=[
        pytest.param(
            {"engine": "espeak", "language": "es", "text": "Mamá bebe un buen café. Ven."},
            id="espeak-es",
        ),
        pytest.param(
            {"engine": "kokoro", "language": "en", "text": "Mama makes a big apple pie."},
            id="kokoro-en",
            marks=pytest.mark.exhaustive,
        ),
    ],
)
def proof(
    stage: Stage, request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Proof:
    portrait = tmp_path_factory.mktemp("portrait") / "young.png"
    Image.fromarray(painted("young")).save(portrait)
    return stage.prove(request.param, portrait, SIZE)


def test_lips_are_shut_on_every_m_b_p_and_in_silence(proof: Proof) -> None:
    assert proof.closures >= 4
    assert proof.shut == proof.closures
    assert proof.shut_silent_frames == proof.silent_frames


def test_the_mouth_follows_the_jaw_without_lag(proof: Proof) -> None:
    assert proof.correlation >= 0.8
    assert abs(proof.lag) <= 1


def test_eyes_close_on_blinks(proof: Proof) -> None:
    assert proof.closed_blinks == proof.blinks


def test_what_does_not_move_is_still_and_the_mouth_is_as_sharp_as_the_picture(
    proof: Proof,
) -> None:
    assert proof.unrest < 0.5
    assert proof.sharpness >= 0.9
