"""Models as presenters: their pictures are checked by the published weights, and shown."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any, cast

import httpx
import numpy as np
import pytest
from PIL import Image

from gala.presenter_looks import CHARACTERS, CharacterName
from gala_renderer.avatars.body import Placement
from gala_renderer.avatars.drawings.character import character
from gala_renderer.avatars.pose import Pose
from tests.platform.stack import Stack
from tests.support import http
from tests.support.drawn_sprites import BODY_COLOR, MOUTH_PLACE, draw_sprites
from tests.support.leak_check import contents
from tests.support.planes import new_frame, rgb
from tests.support.portraits import drawn
from tests.support.real_weights import PULL_SECONDS, PulledWeights
from tests.support.wait import wait_until

pytestmark = pytest.mark.timeout(PULL_SECONDS)
SIZE = (300, 400)
BODY_FIELD = "preset.presenter.body.portrait_asset_id"


@pytest.fixture(scope="module")
def stack(real_weights: PulledWeights, published_stack: Stack) -> Stack:
    """A stack with the weights that find faces."""
    real_weights("faces")
    return published_stack


@pytest.fixture(scope="module")
def api(stack: Stack) -> Iterator[httpx.Client]:
    with http.Client(base_url=stack.base_url, timeout=120, trust_env=False) as client:
        yield client


def portrait(name: CharacterName = CharacterName.GALA) -> Image.Image:
    """Return a picture in which one face is found."""
    frame = new_frame(SIZE)
    background = np.full((SIZE[1], SIZE[0], 3), (120, 140, 160), np.uint8)
    body = character(CHARACTERS[name])
    body.painter(SIZE, Placement(SIZE[0] / body.size[0], 0, 0), background).paint(Pose(), frame)
    return Image.fromarray(rgb(frame))


def beside(*pictures: Image.Image) -> Image.Image:
    whole = Image.new("RGB", (sum(one.width for one in pictures), pictures[0].height))
    left = 0
    for one in pictures:
        whole.paste(one, (left, 0))
        left += one.width
    return whole


def encoded(picture: Image.Image, form: str = "PNG") -> bytes:
    data = io.BytesIO()
    picture.save(data, form)
    return data.getvalue()


def half(data: bytes) -> bytes:
    return data[: len(data) // 2]


def upload(api: httpx.Client, data: bytes) -> str:
    answer = api.post("/assets", files={"file": data}, data={"kind": "avatar_input"})
    assert answer.status_code == 201, answer.text
    found: str = answer.json()["asset"]["id"]
    return found


def with_body(**body: Any) -> dict[str, Any]:
    return {"preset": {"presenter": {"body": body}}}


def create(api: httpx.Client, asset_id: str, **body: Any) -> httpx.Response:
    given = with_body(portrait_asset_id=asset_id, **body)
    return api.post("/models", json={"stage_name": "Ada", **given})


def kept(stack: Stack) -> dict[str, object]:
    """Return how much there is of models and media."""
    tables = ("assets", "model_assets", "model_previews", "models", "objects")
    found = contents(stack)
    files = cast(list[str], found["storage"])
    return {"files": len(files), **{name: found[name] for name in tables}}


def jobs(stack: Stack) -> int:
    return cast(int, contents(stack)["jobs"])


def preview(api: httpx.Client, model_id: str, kind: str, **headers: str) -> httpx.Response:
    return api.get(f"/models/{model_id}/preview", params={"kind": kind}, headers=headers)


@pytest.fixture(scope="module")
def ada(api: httpx.Client) -> dict[str, Any]:
    """A model that speaks with the first picture of a GIF."""
    answer = create(api, upload(api, encoded(portrait(), "GIF")))
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()["model"]
    return found


def test_a_picture_with_a_face_has_previews_which_are_no_assets(
    api: httpx.Client, ada: dict[str, Any], stack: Stack
) -> None:
    before = jobs(stack)
    assert ada["previews"]["status"] == "ready"
    (warning,) = ada["previews"]["warnings"]
    assert warning.startswith(f"{BODY_FIELD}: the face is only")
    sizes = {}
    for kind in ("found", "neutral"):
        shown = preview(api, ada["id"], kind)
        with Image.open(io.BytesIO(shown.content)) as picture:
            sizes[kind] = (picture.format, picture.size)
    assert sizes == {"found": ("JPEG", SIZE), "neutral": ("JPEG", (720, 960))}
    assert [one["kind"] for one in api.get("/assets").json()["assets"]] == ["avatar_input"]
    assert jobs(stack) == before


def test_the_clip_is_sent_in_ranges_and_again_only_if_it_has_changed(
    api: httpx.Client, ada: dict[str, Any], stack: Stack
) -> None:
    before = jobs(stack)
    whole = preview(api, ada["id"], "clip")
    assert jobs(stack) == before + 1
    assert whole.headers["content-type"] == "video/mp4"
    assert whole.content[4:8] == b"ftyp"
    part = preview(api, ada["id"], "clip", Range="bytes=4-7")
    assert (part.status_code, part.content) == (206, b"ftyp")
    again = preview(api, ada["id"], "clip", **{"If-None-Match": whole.headers["etag"]})
    assert again.status_code == 304
    assert again.headers["cache-control"] == "private, no-cache"
    assert jobs(stack) == before + 1
    assert preview(api, ada["id"], "neutral").status_code == 200


@pytest.mark.parametrize(
    ("picture", "status", "said", "remedy"),
    [
        pytest.param(lambda: encoded(Image.fromarray(drawn("cat").picture)), 422,
                     "no face was found", "preset.presenter.body.points", id="cat"),
        pytest.param(lambda: encoded(portrait().resize((50, 50))), 422,
                     "the face is only", "larger picture", id="50x50"),
        pytest.param(lambda: encoded(Image.new("1", (10_000, 10_000))), 422,
                     "at most 40 megapixels", "smaller", id="100MP"),
        pytest.param(lambda: half(encoded(portrait(), "JPEG")), 422,
                     "cut off before its end", "complete", id="truncated"),
    ],
)  # fmt: skip
def test_a_picture_that_cannot_speak_is_refused_with_the_remedy_and_nothing_is_stored(
    api: httpx.Client,
    stack: Stack,
    picture: Callable[[], bytes],
    status: int,
    said: str,
    remedy: str,
) -> None:
    asset_id = upload(api, picture())
    before = kept(stack)
    answer = create(api, asset_id)
    error = answer.json()["error"]
    assert answer.status_code == status, error
    assert error["details"]["field"] == BODY_FIELD
    assert error["message"].startswith(f"{BODY_FIELD}: ")
    assert said in error["message"]
    assert remedy in error["details"]["hint"]
    assert kept(stack) == before


def test_a_preview_that_cannot_be_made_is_refused_at_once_until_the_body_is_changed(
    api: httpx.Client, stack: Stack
) -> None:
    cat = upload(api, encoded(Image.fromarray(drawn("cat").picture)))
    # Without a presenter in the preset, nothing is checked when the model is sent.
    model = api.post("/models", json={"stage_name": "Cat", "asset_ids": [cat]}).json()["model"]
    refused = preview(api, model["id"], "neutral")
    assert refused.status_code == 422
    tried = jobs(stack)
    again = [preview(api, model["id"], kind) for kind in ("neutral", "found", "clip")]
    errors = [one.json()["error"] | {"request_id": ""} for one in (refused, *again)]
    assert errors == [errors[0]] * 4
    assert jobs(stack) == tried
    other = upload(api, encoded(portrait()))
    path = f"/models/{model['id']}"
    assert api.patch(path, json={"asset_ids": [other]}).status_code == 200
    assert preview(api, model["id"], "neutral").status_code == 200


def test_sprites_of_different_sizes_are_refused_by_the_name_of_the_sprite(
    api: httpx.Client, stack: Stack
) -> None:
    sprites = {"base": draw_sprites()["base"], "mouth_x": draw_sprites(anchored=True)["mouth_x"]}
    ids = {name: upload(api, encoded(picture)) for name, picture in sprites.items()}
    before = kept(stack)
    body = with_body(sprites={"pictures": ids})
    refused = api.post("/models", json={"stage_name": "Ada", **body})
    error = refused.json()["error"]
    assert refused.status_code == 400, error
    assert error["details"]["field"] == "preset.presenter.body.sprites.pictures.mouth_x"
    assert "anchor" in error["message"]
    assert kept(stack) == before


def test_of_two_faces_of_one_size_one_has_to_be_chosen(
    api: httpx.Client, ada: dict[str, Any], stack: Stack
) -> None:
    asset_id = upload(api, encoded(beside(portrait(), portrait(CharacterName.MAYA))))
    shown = preview(api, ada["id"], "found")
    before = kept(stack)
    refused = api.patch(f"/models/{ada['id']}", json=with_body(portrait_asset_id=asset_id))
    assert refused.status_code == 400
    assert refused.json()["error"]["details"]["field"] == "preset.presenter.body.face"
    assert "1 is at" in refused.json()["error"]["message"]
    assert kept(stack) == before
    assert preview(api, ada["id"], "found").headers["etag"] == shown.headers["etag"]


def test_models_of_sprites_and_with_a_blurred_background_present_side_by_side(
    api: httpx.Client,
) -> None:
    pictures = {
        name: upload(api, encoded(sprite)) for name, sprite in draw_sprites(anchored=True).items()
    }
    sprites = {"pictures": pictures, "anchors": {"mouth": MOUTH_PLACE}}
    voice = {"engine": "espeak", "language": "es"}
    bodies: list[dict[str, Any]] = [
        {"body": {"sprites": sprites}, "framing": "full"},
        {
            "background": "blur",
            "body": {"portrait_asset_id": upload(api, encoded(portrait())), "face": 1},
        },
    ]
    both = []
    for body, side in zip(bodies, ("left", "right"), strict=True):
        made = api.post("/models", json={"stage_name": side, "preset": {"presenter": voice | body}})
        assert made.status_code == 201, made.text
        model = made.json()["model"]["id"]
        both.append({"type": "presenter", "model": model, "text": "Hola, mamá.", "width": "50%",
                     "height": "100%", "position": side})  # fmt: skip
    body = {
        "params": {"quality": "draft", "background": "#204080", "scenes": [{"elements": both}]},
        "output": {"format": {"width": 320, "height": 180, "fps": 10}},
    }
    frame = api.post("/timeline/frame", params={"at": 0.4}, json=body)
    assert frame.status_code == 200, frame.text
    still = np.asarray(Image.open(io.BytesIO(frame.content)).convert("RGB")).astype(int)
    # Cut out on the left; on the right the portrait's own background, blurred.
    assert np.abs(still[5, 5] - (0x20, 0x40, 0x80)).max() < 12
    assert np.abs(still[5, 315] - (120, 140, 160)).max() < 12
    assert (np.abs(still[:, :160] - BODY_COLOR).max(axis=2) < 20).sum() > 500


def test_another_body_has_other_previews_which_a_drawn_one_gets_when_somebody_looks(
    api: httpx.Client, ada: dict[str, Any], stack: Stack
) -> None:
    before, shown = kept(stack), preview(api, ada["id"], "neutral")
    path = f"/models/{ada['id']}"
    changed = api.patch(path, json=with_body(character={"name": "leo"})).json()["model"]
    assert changed["previews"] | {"warnings": []} == ada["previews"] | {
        "status": "pending",
        "warnings": [],
    }
    wait_until(lambda: kept(stack)["files"] == before["files"] - 3, what="the old ones are gone")
    checked = jobs(stack)
    with ThreadPoolExecutor(2) as pool:
        found = list(pool.map(lambda kind: preview(api, ada["id"], kind), ["neutral", "clip"]))
    assert [one.status_code for one in found] == [200, 200]
    assert found[0].content != shown.content
    assert jobs(stack) == checked + 2
    missing = preview(api, ada["id"], "found")
    assert missing.status_code == 404
    assert "drawn character" in missing.json()["error"]["message"]
    stored = api.get(path).json()["model"]["previews"]
    assert (stored["status"], stored["found_url"]) == ("ready", None)


def test_previews_are_deleted_with_their_model(api: httpx.Client, stack: Stack) -> None:
    for one in api.get("/models").json()["models"]:
        assert api.delete(f"/models/{one['id']}").status_code == 204
    for one in api.get("/assets").json()["assets"]:
        assert api.delete(f"/assets/{one['id']}").status_code == 204
    wait_until(lambda: not any(kept(stack).values()), what="no row and no file is left")
