"""Content responses on a real server: the same from a local file and from a stream."""

from __future__ import annotations

import random
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from urllib.parse import quote

import httpx
import pytest

from tests.fakes.nginx_reference import nginx, nginx_command
from tests.fakes.range_matrix import IGNORED, LENIENT, SATISFIABLE, SIZE, UNSATISFIABLE
from tests.fakes.servers import granian
from tests.support import http

# The same in every process, as test ids contain its checksum.
BODY = random.Random(0).randbytes(SIZE)
ETAG = f'"{sha256(BODY).hexdigest()}"'
MODIFIED = "Fri, 20 Nov 2026 10:30:15 GMT"
EARLIER = "Fri, 20 Nov 2026 10:30:14 GMT"


@pytest.fixture(scope="module")
def client() -> Iterator[httpx.Client]:
    server = granian("tests.fakes.content_app:create_app", ready="/stats")
    with server as url, http.Client(base_url=url) as client:
        for provider in ("memory", "localfs"):
            store(client, provider, "clip.mp4", BODY)
            store(client, provider, "empty.mp4", b"")
        yield client


def store(
    client: httpx.Client, provider: str, name: str, body: bytes, mime: str = "video/mp4"
) -> str:
    path = f"/content/{provider}/{quote(name)}"
    client.put(path, content=body, headers={"content-type": mime}).raise_for_status()
    return path


@pytest.fixture(params=["memory", "localfs"])
def clip(request: pytest.FixtureRequest) -> str:
    return f"/content/{request.param}/clip.mp4"


@pytest.fixture(params=["memory", "localfs"])
def empty(request: pytest.FixtureRequest) -> str:
    return f"/content/{request.param}/empty.mp4"


def assert_whole(answer: httpx.Response) -> None:
    assert answer.status_code == 200
    assert answer.content == BODY
    assert answer.headers["content-length"] == str(SIZE)
    assert "content-range" not in answer.headers


def test_the_whole_object_says_all_about_itself(client: httpx.Client, clip: str) -> None:
    answer = client.get(clip)
    assert_whole(answer)
    assert answer.headers["content-type"] == "video/mp4"
    assert answer.headers["accept-ranges"] == "bytes"
    assert answer.headers["etag"] == ETAG
    assert answer.headers["last-modified"] == MODIFIED
    assert answer.headers["cache-control"].startswith("private")
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["content-disposition"] == 'inline; filename="clip.mp4"'
    assert "transfer-encoding" not in answer.headers


@pytest.mark.parametrize(("header", "part"), [*SATISFIABLE.items(), *LENIENT.items()])
def test_a_range_is_answered_with_exactly_its_bytes(
    client: httpx.Client, clip: str, header: str, part: tuple[int, int]
) -> None:
    answer = client.get(clip, headers={"range": header})
    first, last = part
    assert answer.status_code == 206
    assert answer.content == BODY[first : last + 1]
    assert answer.headers["content-range"] == f"bytes {first}-{last}/{SIZE}"
    assert answer.headers["content-length"] == str(last + 1 - first)
    assert answer.headers["etag"] == ETAG
    assert answer.headers["content-type"] == "video/mp4"


@pytest.mark.parametrize("header", [header for header in IGNORED if header.isascii()])
def test_what_is_no_single_byte_range_is_ignored(
    client: httpx.Client, clip: str, header: str
) -> None:
    assert_whole(client.get(clip, headers={"range": header}))


@pytest.mark.parametrize("header", UNSATISFIABLE)
def test_a_range_outside_gets_416_and_the_size(
    client: httpx.Client, clip: str, header: str
) -> None:
    answer = client.get(clip, headers={"range": header})
    assert answer.status_code == 416
    assert answer.headers["content-range"] == f"bytes */{SIZE}"
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["error"]["code"] == "RANGE_NOT_SATISFIABLE"


def test_an_empty_object_is_sent_as_nothing(client: httpx.Client, empty: str) -> None:
    answer = client.get(empty)
    assert (answer.status_code, answer.content) == (200, b"")
    assert answer.headers["content-length"] == "0"


def test_a_range_of_an_empty_object_gets_416(client: httpx.Client, empty: str) -> None:
    answer = client.get(empty, headers={"range": "bytes=0-"})
    assert answer.status_code == 416
    assert answer.headers["content-range"] == "bytes */0"


@pytest.mark.parametrize("headers", [{}, {"range": "bytes=0-9"}, {"range": "bytes=5000-"}])
def test_head_is_the_head_of_the_whole(
    client: httpx.Client, clip: str, headers: dict[str, str]
) -> None:
    answer = client.head(clip, headers=headers)
    assert (answer.status_code, answer.content) == (200, b"")
    whole = client.get(clip)
    ignored = {"date", "server"}
    assert {k: v for k, v in answer.headers.items() if k not in ignored} == {
        k: v for k, v in whole.headers.items() if k not in ignored
    }


@pytest.mark.parametrize("method", ["GET", "HEAD"])
@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"if-none-match": ETAG}, 304),
        ({"if-none-match": f'W/{ETAG}, "x"'}, 304),
        ({"if-none-match": "*"}, 304),
        ({"if-none-match": '"x"'}, 200),
        ({"if-modified-since": MODIFIED}, 304),
        ({"if-modified-since": EARLIER}, 200),
        ({"if-none-match": '"x"', "if-modified-since": MODIFIED}, 200),
        ({"if-match": ETAG}, 200),
        ({"if-match": '"x"'}, 412),
        ({"if-match": f"W/{ETAG}"}, 412),
        ({"if-unmodified-since": MODIFIED}, 200),
        ({"if-unmodified-since": EARLIER}, 412),
        ({"if-none-match": ETAG, "range": "bytes=0-1"}, 304),
        ({"if-match": '"x"', "range": "bytes=5000-"}, 412),
    ],
)
def test_conditions_decide_before_ranges(
    client: httpx.Client, clip: str, method: str, headers: dict[str, str], status: int
) -> None:
    answer = client.request(method, clip, headers=headers)
    assert answer.status_code == status
    if status == 304:
        assert answer.content == b""
        assert answer.headers["etag"] == ETAG
        assert "content-type" not in answer.headers
    if status == 412 and method == "GET":
        assert answer.json()["error"]["code"] == "PRECONDITION_FAILED"


@pytest.mark.parametrize(
    ("condition", "status"),
    [(ETAG, 206), (MODIFIED, 206), (f"W/{ETAG}", 200), ('"x"', 200), (EARLIER, 200)],
)
def test_a_range_of_other_bytes_is_answered_with_the_whole(
    client: httpx.Client, clip: str, condition: str, status: int
) -> None:
    answer = client.get(clip, headers={"range": "bytes=0-9", "if-range": condition})
    assert answer.status_code == status
    assert answer.content == (BODY[:10] if status == 206 else BODY)


def test_a_failed_if_range_saves_a_range_from_416(client: httpx.Client, clip: str) -> None:
    assert_whole(client.get(clip, headers={"range": "bytes=5000-", "if-range": '"x"'}))


def test_download_names_the_file_in_every_script(client: httpx.Client) -> None:
    path = store(client, "memory", "vídeo «1».mp4", b"x")
    disposition = client.get(path, params={"download": "1"}).headers["content-disposition"]
    assert disposition == (
        "attachment; filename=\"v_deo _1_.mp4\"; filename*=UTF-8''v%C3%ADdeo%20%C2%AB1%C2%BB.mp4"
    )


@pytest.mark.parametrize(
    ("mime", "content_type", "guarded"),
    [
        ("image/png", "image/png", False),
        ("audio/mpeg", "audio/mpeg", False),
        ("image/svg+xml", "image/svg+xml", True),
        ("text/html", "text/html; charset=utf-8", True),
        ("application/xhtml+xml", "application/xhtml+xml", True),
        ("text/vtt", "text/vtt; charset=utf-8", True),
        ("x\ty", "application/octet-stream", True),
    ],
)
def test_what_a_browser_might_run_is_put_in_a_sandbox(
    client: httpx.Client, mime: str, content_type: str, guarded: bool
) -> None:
    answer = client.get(store(client, "memory", quote(mime, safe=""), b"<x>", mime))
    assert answer.headers["content-type"] == content_type
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert ("sandbox" in answer.headers.get("content-security-policy", "")) is guarded


@pytest.mark.parametrize("provider", ["memory", "localfs"])
@pytest.mark.parametrize("headers", [{}, {"range": "bytes=0-9"}])
def test_bytes_that_are_gone_get_404(
    client: httpx.Client, provider: str, headers: dict[str, str]
) -> None:
    answer = client.get(f"/content/{provider}/gone.mp4", headers=headers)
    assert answer.status_code == 404
    assert answer.json()["error"]["code"] == "ASSET_NOT_FOUND"


@pytest.mark.parametrize("headers", [{}, {"range": "bytes=0-9"}])
def test_a_provider_that_fails_at_once_gets_503(
    client: httpx.Client, headers: dict[str, str]
) -> None:
    answer = client.get("/content/down/x", headers=headers)
    assert answer.status_code == 503
    assert answer.json()["error"]["code"] == "UNAVAILABLE"


@pytest.mark.parametrize("provider", ["memory", "localfs"])
def test_other_bytes_than_were_stored_are_never_sent(client: httpx.Client, provider: str) -> None:
    answer = client.get(f"/content/{provider}/resized.mp4")
    assert answer.status_code == 404
    store(client, provider, "resized.mp4", b"1234")
    answer = client.get(f"/content/{provider}/resized.mp4", params={"claim": "5"})
    assert answer.status_code == 502
    assert answer.json()["error"]["code"] == "STORAGE_FAILED"


@pytest.fixture(scope="module")
def witness(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    if nginx_command() is None:
        pytest.skip("nginx is not installed (apt-get install nginx-light)")
    root: Path = tmp_path_factory.mktemp("root")
    (root / "clip.mp4").write_bytes(BODY)
    with nginx(root, tmp_path_factory.mktemp("nginx")) as url, http.Client(base_url=url) as client:
        yield client


@pytest.mark.parametrize("header", [*SATISFIABLE, "bytes=990-5000", "bytes=-5000", "bytes=1000-"])
def test_nginx_answers_the_same(
    client: httpx.Client, witness: httpx.Client, clip: str, header: str
) -> None:
    ours = client.get(clip, headers={"range": header})
    theirs = witness.get("/clip.mp4", headers={"range": header})
    assert ours.status_code == theirs.status_code
    assert ours.headers["content-range"] == theirs.headers["content-range"]
    if ours.status_code == 206:
        assert ours.content == theirs.content
        assert ours.headers["content-length"] == theirs.headers["content-length"]
