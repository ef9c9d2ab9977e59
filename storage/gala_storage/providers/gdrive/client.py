"""Client of the Drive API: authorized calls, each on a new connection, without retries."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import closing
from typing import TYPE_CHECKING, Any, Final, TypeVar
from urllib.parse import quote

import requests
from google.auth.transport.requests import AuthorizedSession
from google.oauth2.credentials import Credentials
from google_auth_httplib2 import AuthorizedHttp
from googleapiclient.discovery import build_from_document  # type: ignore[attr-defined]
from googleapiclient.discovery_cache import get_static_doc
from googleapiclient.http import HttpRequest, MediaUploadProgress, build_http

from gala_storage.contract import CHUNK, ByteRange, ObjectStream
from gala_storage.errors import StorageError
from gala_storage.providers.gdrive.errors import TokenRefused, error_of_response, translate_errors

if TYPE_CHECKING:
    from googleapiclient._apis.drive.v3 import DriveResource

    from gala_storage.settings import StorageSettings

T = TypeVar("T")
_CONNECT_AND_READ: Final = (5.0, 60.0)


class DriveClient:
    """One person's Drive; safe to share between threads."""

    def __init__(self, credentials: Credentials, root: str | None = None) -> None:
        """``root`` replaces ``https://www.googleapis.com/``."""
        # The document in the package, so that it is not requested over the network.
        document: dict[str, Any] = json.loads(get_static_doc("drive", "v3"))  # type: ignore[no-untyped-call]
        if root is not None:
            # With `client_options.api_endpoint`, uploads would still go to Google.
            document["rootUrl"] = root.rstrip("/") + "/"
        # A plain http object prevents the library from searching for credentials.
        self.api: DriveResource = build_from_document(document, http=build_http())  # type: ignore[no-untyped-call]
        self._media_url = f"{document['rootUrl']}{document['servicePath']}files/"
        self._credentials = credentials
        # Content is read with requests, which streams; httplib2 would hold it in memory.
        self._session = AuthorizedSession(credentials, refresh_status_codes=())  # type: ignore[no-untyped-call]

    def execute(self, subject: str, request: HttpRequest) -> Any:
        """Send a request of :attr:`api` and return the response; errors name ``subject``."""
        return self._authorized(subject, lambda http: request.execute(http=http))

    def next_chunk(
        self, subject: str, request: HttpRequest
    ) -> tuple[MediaUploadProgress | None, Any]:
        """Do one step of a resumable upload; return its progress, or the response at the end."""
        return self._authorized(subject, lambda http: request.next_chunk(http=http))

    def fetch(self, file_id: str, byte_range: ByteRange | None) -> ObjectStream:
        """Request the content of a file or a range of it, once."""
        answer = self._with_fresh_token(lambda: self._get_media(file_id, byte_range))
        size = int(answer.headers["Content-Length"])
        return ObjectStream(_chunks(file_id, answer), size=size, close=answer.close)

    def _authorized(self, subject: str, call: Callable[[AuthorizedHttp], T]) -> T:
        def once() -> T:
            # With build_http: plain httplib2 treats the 308 of an unfinished upload as a redirect.
            plain = build_http()  # type: ignore[no-untyped-call]
            http = AuthorizedHttp(self._credentials, plain, refresh_status_codes=())
            with translate_errors(subject), closing(http):
                return call(http)

        return self._with_fresh_token(once)

    def _with_fresh_token(self, action: Callable[[], T]) -> T:
        """Run the action, once more with a new token if the token was revoked before its expiry."""
        try:
            return action()
        except TokenRefused:
            self._credentials.token = None
            return action()

    def _get_media(self, file_id: str, byte_range: ByteRange | None) -> requests.Response:
        headers = {"Accept-Encoding": "identity"}
        if byte_range is not None:
            headers["Range"] = f"bytes={byte_range.first}-{byte_range.last}"
        with translate_errors(file_id):
            answer = self._session.get(
                self._media_url + quote(file_id, safe=""),
                params={"alt": "media", "supportsAllDrives": "true"},
                headers=headers,
                stream=True,
                timeout=_CONNECT_AND_READ,
            )
        if answer.status_code >= 400:
            with translate_errors(file_id), closing(answer):
                raise error_of_response(file_id, answer.status_code, answer.content, answer.headers)
        if "Content-Length" not in answer.headers:
            answer.close()
            raise StorageError(f"{file_id}: Drive does not report the length of the content")
        return answer


def _chunks(file_id: str, answer: requests.Response) -> Iterator[bytes]:
    chunks = answer.iter_content(CHUNK)
    while True:
        with translate_errors(file_id):
            chunk = next(chunks, b"")
        if not chunk:
            return
        yield chunk


def connect(settings: StorageSettings) -> DriveClient:
    """Return a client with the settings' credentials; its first call gets an access token."""
    secret, refresh = settings.gdrive_client_secret, settings.gdrive_refresh_token
    credentials = Credentials(  # type: ignore[no-untyped-call]
        token=None,
        refresh_token=refresh.get_secret_value() if refresh else None,
        token_uri=settings.gdrive_token_uri,
        client_id=settings.gdrive_client_id,
        client_secret=secret.get_secret_value() if secret else None,
    )
    return DriveClient(credentials, settings.gdrive_api_root)
