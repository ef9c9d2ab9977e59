# ruff: noqa: N802 - http.server calls do_GET and the like
"""The part of Google Drive v3 that GALA uses, over real HTTP, with faults on demand.

``with fake_drive(folder) as drive`` serves it; ``drive.env()`` are the variables that point a
process at it. Content is kept in files of ``folder``: memory stays flat.
"""

from __future__ import annotations

import hashlib
import json
import re
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from threading import RLock
from typing import Any
from urllib.parse import parse_qs, urlsplit

from tests.fakes.faults import Fault, Faults
from tests.fakes.http import Handler, served

_GRANULE = 256 * 1024
_PIECE = 64 * 1024
_FOLDER = "application/vnd.google-apps.folder"


@dataclass
class DriveFile:
    """A file's metadata as in ``files.get``, and its content."""

    id: str
    name: str
    mime: str
    parents: list[str]
    content: Path | None
    modified: datetime = field(default_factory=lambda: datetime.now(UTC))
    claimed_sha256: str | None = None
    """Reported instead of the true checksum."""

    def metadata(self) -> dict[str, Any]:
        shown: dict[str, Any] = {
            "kind": "drive#file",
            "id": self.id,
            "name": self.name,
            "mimeType": self.mime,
            "parents": self.parents,
            "modifiedTime": self.modified.strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z",
            "capabilities": {"canAddChildren": self.mime == _FOLDER},
        }
        if self.content is not None:
            digest = hashlib.sha256()
            with self.content.open("rb") as file:
                while piece := file.read(_PIECE):
                    digest.update(piece)
            shown["size"] = str(self.content.stat().st_size)
            shown["sha256Checksum"] = self.claimed_sha256 or digest.hexdigest()
        return shown


@dataclass
class _Session:
    """An unfinished resumable upload."""

    body: dict[str, Any]
    mime: str
    size: int
    partial: Path
    file: DriveFile | None = None

    @property
    def received(self) -> int:
        return self.partial.stat().st_size


class Drive:
    """The state of the fake, and its controls for tests."""

    client_id = "client.apps.example"
    client_secret = "a client's secret"
    refresh_token = "1//a-refresh-token"

    def __init__(self, folder: Path) -> None:
        self.root = ""
        self.faults = Faults()
        self.files: dict[str, DriveFile] = {}
        self.uploaded_bytes = 0
        self.token_lifetime = 3600
        self.tokens_given = 0
        self.claimed_sha256: str | None = None
        """Reported as the checksum of files that are uploaded from now on."""
        self.lock = RLock()
        self._folder = folder
        self._tokens: set[str] = set()
        self._generated: set[str] = set()
        self._sessions: dict[str, _Session] = {}

    def env(self) -> dict[str, str]:
        """Return the environment variables of a process that uses this Drive."""
        return {
            "GDRIVE_CLIENT_ID": self.client_id,
            "GDRIVE_CLIENT_SECRET": self.client_secret,
            "GDRIVE_REFRESH_TOKEN": self.refresh_token,
            "GDRIVE_API_ROOT": self.root,
            "GDRIVE_TOKEN_URI": f"{self.root}/token",
        }

    def expire_tokens(self) -> None:
        """Refuse every access token issued so far."""
        with self.lock:
            self._tokens.clear()

    def forget_sessions(self) -> None:
        """Forget every unfinished upload."""
        with self.lock:
            self._sessions.clear()

    def make_folder(self, name: str) -> str:
        """Create a folder and return its id."""
        folder = DriveFile(self.new_id(), name, _FOLDER, [], None)
        self.files[folder.id] = folder
        return folder.id

    def new_id(self) -> str:
        file_id = "1" + uuid.uuid4().hex
        self._generated.add(file_id)
        return file_id

    def new_token(self) -> str:
        with self.lock:
            token = f"ya29.{uuid.uuid4().hex}"
            self._tokens.add(token)
            self.tokens_given += 1
            return token

    def knows_token(self, token: str) -> bool:
        with self.lock:
            return token in self._tokens

    def begin(self, body: dict[str, Any], mime: str, size: int) -> str:
        session = uuid.uuid4().hex
        partial = self._folder / f"partial-{session}"
        partial.touch()
        self._sessions[session] = _Session(body, mime, size, partial)
        return session

    def session(self, name: str) -> _Session | None:
        return self._sessions.get(name)

    def is_generated(self, file_id: str) -> bool:
        return file_id in self._generated

    def finish(self, session: _Session) -> DriveFile:
        with self.lock:
            file = DriveFile(
                session.body.get("id") or self.new_id(),
                session.body.get("name", "Untitled"),
                session.mime,
                session.body.get("parents", ["root"]),
                session.partial,
                claimed_sha256=self.claimed_sha256,
            )
            self.files[file.id] = session.file = file
            return file


class _Api(Handler):
    """Drive's HTTP API."""

    drive: Drive

    def do_POST(self) -> None:
        if self.path == "/token":
            self._token()
        else:
            self._dispatch([(r"/upload/drive/v3/files$", self._begin_upload)])

    def do_GET(self) -> None:
        self._dispatch(
            [
                (r"/drive/v3/about$", self._about),
                (r"/drive/v3/files/generateIds$", self._generate_ids),
                (r"/drive/v3/files/([\w-]+)$", self._get),
            ]
        )

    def do_PUT(self) -> None:
        self._dispatch([(r"/upload/drive/v3/files$", self._continue_upload)])

    def do_DELETE(self) -> None:
        self._dispatch([(r"/drive/v3/files/([\w-]+)$", self._delete)])

    # -- dispatch

    def _dispatch(self, routes: list[tuple[str, Any]]) -> None:
        self.fault = self.drive.faults.take(self.command, self.path) or Fault(on="")
        if self.fault.cut_request_after is None and self.fault.status is not None:
            self._drain()
            self.answer(self.fault.status, self.fault.body, **self.fault.headers)
            return
        if not self.drive.knows_token(self.headers.get("Authorization", "").partition(" ")[2]):
            self._drain()
            self._error(401, "authError", "Invalid Credentials")
            return
        address = urlsplit(self.path)
        self.query = {name: values[0] for name, values in parse_qs(address.query).items()}
        for pattern, act in routes:
            if match := re.fullmatch(pattern, address.path):
                act(*match.groups())
                return
        self._drain()
        self._error(404, "notFound", f"no such method: {address.path}")

    def _length(self) -> int:
        return int(self.headers.get("Content-Length") or 0)

    def _drain(self) -> bytes:
        return self.rfile.read(self._length())

    def _json(self, status: int, content: Any, **headers: str) -> None:
        if self.fault.lose_answer:
            self.cut()
            return
        body = json.dumps(content).encode()
        self.answer(status, body, Content_Type="application/json", **headers)

    def _error(self, status: int, reason: str, message: str) -> None:
        self._json(status, error_body(status, reason, message))

    # -- tokens

    def _token(self) -> None:
        self.fault = self.drive.faults.take(self.command, self.path) or Fault(on="")
        form = {name: values[0] for name, values in parse_qs(self._drain().decode()).items()}
        if self.fault.status is not None:
            self.answer(self.fault.status, self.fault.body, **self.fault.headers)
        elif (form.get("client_id"), form.get("client_secret")) != (
            self.drive.client_id,
            self.drive.client_secret,
        ):
            self._json(401, {"error": "invalid_client", "error_description": "Unauthorized"})
        elif form.get("refresh_token") != self.drive.refresh_token:
            self._json(400, {"error": "invalid_grant", "error_description": "Token revoked."})
        else:
            token = self.drive.new_token()
            self._json(
                200,
                {
                    "access_token": token,
                    "expires_in": self.drive.token_lifetime,
                    "token_type": "Bearer",
                },
            )

    # -- files

    def _about(self) -> None:
        if "fields" not in self.query:
            self._error(400, "required", "The 'fields' parameter is required for this method.")
            return
        self._json(200, {"user": {"displayName": "A Person"}})

    def _generate_ids(self) -> None:
        count = int(self.query.get("count", "10"))
        self._json(200, {"space": "drive", "ids": [self.drive.new_id() for _ in range(count)]})

    def _get(self, file_id: str) -> None:
        file = self.drive.files.get(file_id)
        if file is None:
            self._error(404, "notFound", f"File not found: {file_id}.")
        elif self.query.get("alt") == "media":
            self._content(file)
        else:
            fields = re.findall(r"\w+", re.sub(r"\(.*?\)", "", self.query.get("fields", "id,name")))
            shown = file.metadata()
            self._json(200, {name: shown[name] for name in fields if name in shown})

    def _content(self, file: DriveFile) -> None:
        assert file.content is not None
        size = file.content.stat().st_size
        first, last, status = 0, size - 1, 200
        headers = {"Content-Type": file.mime}
        if match := re.fullmatch(r"bytes=(\d+)-(\d+)", self.headers.get("Range", "")):
            first, last, status = int(match[1]), min(int(match[2]), size - 1), 206
            if first >= size:
                self._error(416, "requestedRangeNotSatisfiable", "Request range not satisfiable")
                return
            headers["Content-Range"] = f"bytes {first}-{last}/{size}"
        self.send_response(status)
        for name, value in {**headers, "Content-Length": str(last - first + 1)}.items():
            self.send_header(name, value)
        self.end_headers()
        self._send_section(file.content, first, last - first + 1)

    def _send_section(self, path: Path, first: int, left: int) -> None:
        cut_after = self.fault.cut_answer_after
        if cut_after is not None:
            left = min(left, cut_after)
        with path.open("rb") as content:
            content.seek(first)
            while left and (piece := content.read(min(_PIECE, left))):
                self.wfile.write(piece)
                left -= len(piece)
        if cut_after is not None:
            self.cut()

    def _delete(self, file_id: str) -> None:
        file = self.drive.files.pop(file_id, None)
        if file is None:
            self._error(404, "notFound", f"File not found: {file_id}.")
            return
        if file.content is not None:
            file.content.unlink()
        self.answer(204)

    # -- resumable uploads

    def _begin_upload(self) -> None:
        body = json.loads(self._drain() or b"{}")
        parents = body.get("parents", [])
        if self.query.get("uploadType") != "resumable":
            self._error(400, "badRequest", "only resumable uploads are known here")
        elif body.get("id") in self.drive.files:
            self._error(409, "fileIdInUse", "A file already exists with the provided ID.")
        elif "id" in body and not self.drive.is_generated(body["id"]):
            self._error(400, "invalid", "The provided file ID is not usable.")
        elif any(parent not in self.drive.files for parent in parents):
            self._error(404, "notFound", f"File not found: {parents[0]}.")
        else:
            session = self.drive.begin(
                body,
                self.headers["X-Upload-Content-Type"],
                int(self.headers["X-Upload-Content-Length"]),
            )
            place = f"{self.drive.root}/upload/drive/v3/files?uploadType=resumable"
            self._json(200, {}, Location=f"{place}&upload_id={session}")

    def _continue_upload(self) -> None:
        session = self.drive.session(self.query.get("upload_id", ""))
        if session is None:
            self._drain()
            self._error(404, "notFound", "Upload not found")
            return
        if session.file is None and not self._receive(session):
            return
        if session.file is None and session.received < session.size:
            if self.fault.lose_answer:
                self.cut()
                return
            held = {"Range": f"bytes=0-{session.received - 1}"} if session.received else {}
            self.answer(308, b"", **held)
            return
        if session.file is None and session.body.get("id") in self.drive.files:
            self._error(409, "fileIdInUse", "A file already exists with the provided ID.")
            return
        file = session.file or self.drive.finish(session)
        shown = file.metadata()
        fields = re.findall(r"\w+", self.query.get("fields", "id"))
        self._json(200, {name: shown[name] for name in fields if name in shown})

    def _receive(self, session: _Session) -> bool:
        """Receive the request's bytes; return ``False`` if it was answered or cut off."""
        said = self.headers.get("Content-Range")
        if said is not None and said.startswith("bytes */"):
            return True
        if not self._range_is_right(session, said):
            self._drain()
            self._error(400, "badRequest", f"Failed to parse Content-Range header: {said}")
            return False
        left = self._length()
        wanted = left
        for limit in (self.fault.cut_request_after, self.fault.accept_only):
            if limit is not None:
                wanted = min(wanted, limit // _GRANULE * _GRANULE)
        with session.partial.open("ab") as partial:
            while left and (piece := self.rfile.read(min(_PIECE, left))):
                kept = piece[:wanted]
                partial.write(bytes(len(kept)) if self.fault.corrupt else kept)
                wanted -= len(kept)
                left -= len(piece)
                self.drive.uploaded_bytes += len(kept)
                if self.fault.cut_request_after is not None and not wanted:
                    break
        if self.fault.cut_request_after is not None:
            self.cut()
            return False
        return True

    def _range_is_right(self, session: _Session, said: str | None) -> bool:
        if said is None:
            return session.size == self._length() == 0
        match = re.fullmatch(r"bytes (\d+)-(\d+)/(\d+)", said)
        if match is None:
            return False
        first, last, size = map(int, match.groups())
        whole = last + 1 == size or (last + 1 - first) % _GRANULE == 0
        length = last + 1 - first == self._length()
        return first == session.received and size == session.size and whole and length


def error_body(status: int, reason: str, message: str) -> dict[str, Any]:
    """Return an error in the format of Google's APIs."""
    details = [{"domain": "global", "reason": reason, "message": message}]
    return {"error": {"code": status, "message": message, "errors": details}}


def drive_fault(on: str, status: int, reason: str, *, times: int = 1, **headers: str) -> Fault:
    """Return a fault with an answer in Drive's format."""
    body = json.dumps(error_body(status, reason, "on demand")).encode()
    return Fault(on=on, status=status, body=body, headers=headers, times=times)


@contextmanager
def fake_drive(folder: Path) -> Iterator[Drive]:
    """Serve a new Drive on a free port."""
    drive = Drive(folder)
    handler = type("_BoundApi", (_Api,), {"drive": drive})
    with served(handler) as drive.root:
        yield drive
