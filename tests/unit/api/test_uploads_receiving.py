from __future__ import annotations

import asyncio
import contextlib
import hashlib
import itertools
import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from starlette.requests import ClientDisconnect, Request
from starlette.types import Message

from gala.errors import GalaError, InvalidRequest, OutOfDisk, PayloadTooLarge
from gala_api.http.uploads import (
    ReceivedForm,
    ReceivedUpload,
    receive_form,
    receive_upload,
)

BOUNDARY = "----b0undary"


def part(name: str, value: bytes, *, filename: str | None = None) -> bytes:
    tail = "" if filename is None else f'; filename="{filename}"'
    head = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"{tail}\r\n\r\n'
    return head.encode() + value + b"\r\n"


def form(*parts: bytes) -> bytes:
    return b"".join(parts) + f"--{BOUNDARY}--\r\n".encode()


def request_of(
    pieces: list[bytes],
    *,
    content_type: str = f"multipart/form-data; boundary={BOUNDARY}",
    length: int | None = None,
    cut: bool = False,
) -> Request:
    messages: Iterator[Message] = iter(
        [{"type": "http.request", "body": piece, "more_body": True} for piece in pieces]
        + [{"type": "http.disconnect"} if cut else {"type": "http.request", "body": b""}]
    )
    headers = [(b"content-type", content_type.encode())]
    if length is not None:
        headers.append((b"content-length", str(length).encode()))

    async def receive() -> Message:
        return next(messages, {"type": "http.disconnect"})

    return Request({"type": "http", "method": "POST", "headers": headers}, receive)


def take(
    request: Request, staging: Path, *, max_bytes: int = 10_000
) -> tuple[ReceivedUpload, bytes]:
    async def run() -> tuple[ReceivedUpload, bytes]:
        async with receive_upload(request, staging=staging, max_bytes=max_bytes) as upload:
            return upload, upload.path.read_bytes()

    return asyncio.run(run())


def refused(request: Request, staging: Path, *, max_bytes: int = 10_000) -> GalaError:
    with pytest.raises(GalaError) as refusal:
        take(request, staging, max_bytes=max_bytes)
    assert not list(staging.glob("*")), "a refused upload leaves nothing behind"
    return refusal.value


def test_the_file_and_its_fields_arrive(tmp_path: Path) -> None:
    content = os.urandom(5000)
    body = form(
        part("kind", b"music"),
        part("file", content, filename="canción.mp3"),
        part("label", "ñandú".encode()),
    )
    upload, stored = take(request_of([body]), tmp_path / "not-yet-there")
    assert stored == content
    assert upload.size == len(content)
    assert upload.sha256 == hashlib.sha256(content).hexdigest()
    assert upload.filename == "canción.mp3"
    assert upload.fields == {"kind": "music", "label": "ñandú"}


@pytest.mark.parametrize(
    "names",
    [
        # .NET, and PowerShell's Invoke-RestMethod -Form.
        """filename="=?utf-8?B?bmHDr3ZlLnBuZw==?="; filename*=utf-8''na%C3%AFve.png""",
        """filename=na_ve.png; filename*=UTF-8''na%c3%afve.png""",
        """filename*=utf-8''..%2Fna%C3%AFve.png""",
    ],
)
def test_names_beyond_ascii_are_read_as_dotnet_sends_them(tmp_path: Path, names: str) -> None:
    head = f"--{BOUNDARY}\r\nContent-Disposition: form-data; name=file; {names}\r\n\r\n"
    upload, _ = take(request_of([form(head.encode() + b"x\r\n")]), tmp_path)
    assert upload.filename == "naïve.png"


def test_the_file_is_private_and_gone_at_the_end(tmp_path: Path) -> None:
    async def run() -> None:
        request = request_of([form(part("file", b"x", filename="a"))])
        async with receive_upload(request, staging=tmp_path, max_bytes=10) as upload:
            assert upload.path.parent == tmp_path
            assert upload.path.stat().st_mode & 0o777 == 0o600
        assert not upload.path.exists()

    asyncio.run(run())


def test_a_file_that_was_moved_away_stays(tmp_path: Path) -> None:
    kept = tmp_path / "kept"

    async def run() -> None:
        request = request_of([form(part("file", b"x", filename="a"))])
        async with receive_upload(request, staging=tmp_path, max_bytes=10) as upload:
            upload.path.rename(kept)

    asyncio.run(run())
    assert kept.read_bytes() == b"x"


def test_a_failure_of_the_caller_removes_the_file(tmp_path: Path) -> None:
    async def run() -> None:
        request = request_of([form(part("file", b"x", filename="a"))])
        async with receive_upload(request, staging=tmp_path, max_bytes=10):
            raise KeyError

    with pytest.raises(KeyError):
        asyncio.run(run())
    assert not list(tmp_path.iterdir())


@given(
    content=st.one_of(
        st.binary(min_size=1, max_size=300),
        # Content that almost contains the boundary, repeatedly.
        st.lists(
            st.sampled_from(
                [b"\r", b"\n", b"-", b"--", b"\r\n", f"\r\n--{BOUNDARY}"[:-1].encode()]
            ),
            min_size=1,
            max_size=12,
        ).map(b"".join),
    ),
    cuts=st.lists(st.integers(1, 700), max_size=40),
)
@settings(max_examples=150, deadline=None)
def test_wherever_the_body_is_cut_into_pieces_the_same_bytes_arrive(
    tmp_path_factory: pytest.TempPathFactory, content: bytes, cuts: list[int]
) -> None:
    body = form(part("kind", b"other"), part("file", content, filename="a"), part("label", b"z"))
    edges = sorted({0, len(body), *(cut for cut in cuts if cut < len(body))})
    pieces = [body[start:end] for start, end in itertools.pairwise(edges)]
    staging = tmp_path_factory.getbasetemp() / "fuzz"
    with pytest.MonkeyPatch.context() as patch:
        # Otherwise the chunks would be joined before the parser reads them.
        patch.setattr("gala_api.http.uploads._WRITE_BYTES", 1)
        upload, stored = take(request_of(pieces), staging)
    assert stored == content
    assert upload.fields == {"kind": "other", "label": "z"}


@given(st.binary(max_size=400), st.integers(0, 400))
@settings(max_examples=100, deadline=None)
def test_a_mangled_body_is_refused_clearly_or_read_whole(
    tmp_path_factory: pytest.TempPathFactory, junk: bytes, at: int
) -> None:
    body = form(part("kind", b"other"), part("file", b"content", filename="a"))
    mangled = body[:at] + junk + body[at + len(junk) :]
    staging = tmp_path_factory.getbasetemp() / "mangled"
    with contextlib.suppress(InvalidRequest, PayloadTooLarge):
        take(request_of([mangled]), staging)
    assert not list(staging.glob("*"))


FILE = part("file", b"x", filename="a")


@pytest.mark.parametrize(
    ("body", "field", "says"),
    [
        (form(), "file", "no `file`"),
        (form(part("kind", b"music")), "file", "no `file`"),
        (form(part("file", b"text")), "file", "must be a file"),
        (form(FILE, FILE), "file", "occurs twice"),
        (form(part("file", b"", filename="a")), "file", "empty"),
        (form(part("upload", b"x", filename="a"), FILE), "upload", "only accepted as `file`"),
        (form(part("kind", b"a"), part("kind", b"b"), FILE), "kind", "occurs twice"),
        (form(part("label", b"\xff\xfe"), FILE), "label", "UTF-8"),
        (form(part("label", b"a\0b"), FILE), "label", "NUL"),
        (form(part("label", b"x" * 70_000), FILE), "label", "longer than"),
        (form(*(part(f"f{n}", b"") for n in range(70)), FILE), None, "more than 64 fields"),
        (FILE, None, "ends before its closing boundary"),
        (FILE[:-5], None, "ends before its closing boundary"),
        (b"", None, "ends before its closing boundary"),
        (b"nonsense", None, "malformed"),
        (f"--{BOUNDARY}\r\nX: y\r\n\r\nz\r\n--{BOUNDARY}--".encode(), None, "no name"),
        (f"--{BOUNDARY}\r\nX: {'y' * 5000}\r\n\r\nz".encode(), None, "malformed"),
        (f"--{BOUNDARY}\r\n{'X: y' + chr(13) + chr(10)}".encode() * 9, None, "malformed"),
        (f"--{BOUNDARY}\r\nBad Header: y\r\n\r\nz".encode(), None, "malformed"),
    ],
)
def test_a_bad_form_is_refused_and_says_why(
    tmp_path: Path, body: bytes, field: str | None, says: str
) -> None:
    error = refused(request_of([body]), tmp_path)
    assert isinstance(error, InvalidRequest)
    assert re.search(re.escape(says), error.message), error.message
    assert error.details.get("field") == field


@pytest.mark.parametrize(
    "content_type",
    [
        "",
        "application/json",
        "multipart/mixed; boundary=x",
        "multipart/form-data",
        "multipart/form-data; boundary=",
        f"multipart/form-data; boundary={'x' * 5000}",
    ],
)
def test_a_body_that_is_no_form_is_refused(tmp_path: Path, content_type: str) -> None:
    error = refused(request_of([form(FILE)], content_type=content_type), tmp_path)
    assert isinstance(error, InvalidRequest)


def test_a_sender_that_has_said_all_is_answered_at_once(tmp_path: Path) -> None:
    asked = 0
    body = b"no form at all"

    async def receive() -> Message:
        nonlocal asked
        asked += 1
        return {"type": "http.request", "body": body, "more_body": False}

    headers = [(b"content-type", f"multipart/form-data; boundary={BOUNDARY}".encode())]
    refused(Request({"type": "http", "method": "POST", "headers": headers}, receive), tmp_path)
    assert asked == 1, "whoever asks on waits for a client that has nothing left to say"


def test_an_upload_that_is_cut_off_leaves_nothing(tmp_path: Path) -> None:
    body = part("file", b"x" * 5000, filename="a")[:3000]
    with pytest.raises(ClientDisconnect):
        take(request_of([body], cut=True), tmp_path)
    assert not list(tmp_path.iterdir())


def test_a_file_above_the_limit_is_refused(tmp_path: Path) -> None:
    body = form(part("file", b"x" * 10_001, filename="a"))
    error = refused(request_of([body]), tmp_path)
    assert isinstance(error, PayloadTooLarge)
    assert error.details["max_bytes"] == 10_000


def test_a_file_of_exactly_the_limit_is_taken(tmp_path: Path) -> None:
    upload, _ = take(request_of([form(part("file", b"x" * 10_000, filename="a"))]), tmp_path)
    assert upload.size == 10_000


def test_a_declared_length_above_the_limit_is_refused_at_once(tmp_path: Path) -> None:
    error = refused(request_of([], length=50_000_000), tmp_path)
    assert isinstance(error, PayloadTooLarge)


def test_endless_bytes_around_the_parts_are_refused(tmp_path: Path) -> None:
    pieces = [form(FILE)] + [b"epilogue" * 10_000] * 60
    assert isinstance(refused(request_of(pieces), tmp_path), PayloadTooLarge)


def test_a_declared_length_above_the_free_room_is_refused_at_once(tmp_path: Path) -> None:
    error = refused(request_of([], length=10**17), tmp_path, max_bytes=10**18)
    assert isinstance(error, OutOfDisk)


def received_form(request: Request, staging: Path) -> tuple[ReceivedForm, dict[str, bytes]]:
    async def run() -> tuple[ReceivedForm, dict[str, bytes]]:
        files = {"voice", "picture"}
        async with receive_form(request, staging=staging, files=files, max_bytes=10_000) as got:
            return got, {name: file.path.read_bytes() for name, file in got.files.items()}

    return asyncio.run(run())


def test_a_form_may_have_several_files_and_repeated_fields(tmp_path: Path) -> None:
    body = form(
        part("voice", b"aaa", filename="a.wav"),
        part("picture", b"bb", filename="../b.png"),
        part("speed", b"1.5"),
        part("times[]", b"word"),
        part("times[]", b"segment"),
    )
    got, files = received_form(request_of([body]), tmp_path)
    assert files == {"voice": b"aaa", "picture": b"bb"}
    assert got.files["picture"].filename == "b.png"
    assert got.fields == {"speed": "1.5"}
    assert got.lists == {"times[]": ["word", "segment"]}
    assert list(tmp_path.iterdir()) == []


def url_encoded(body: bytes) -> Request:
    async def receive() -> dict[str, object]:
        return {"type": "http.request", "body": body, "more_body": False}

    headers = [(b"content-type", b"application/x-www-form-urlencoded; charset=utf-8")]
    return Request({"type": "http", "method": "POST", "headers": headers}, receive)


def test_a_url_encoded_form_is_read_like_any_other(tmp_path: Path) -> None:
    got, files = received_form(
        url_encoded(b"text=Caf%C3%A9+con+leche&empty=&t[]=a&t[]=b"), tmp_path
    )
    assert got.fields == {"text": "Café con leche", "empty": ""}
    assert got.lists == {"t[]": ["a", "b"]}
    assert files == {}


@pytest.mark.parametrize(
    ("body", "says"),
    [
        (b"a=1&a=2", "occurs twice"),
        (b"a=%00", "NUL"),
        (b"a=%ff", "cannot be read"),
        (b"&".join(b"a%d=" % number for number in range(70)), "cannot be read"),
        (b"a=" + b"x" * 1_100_000, "larger than"),
    ],
)
def test_a_bad_url_encoded_form_is_refused(tmp_path: Path, body: bytes, says: str) -> None:
    with pytest.raises(GalaError, match=says):
        received_form(url_encoded(body), tmp_path)
