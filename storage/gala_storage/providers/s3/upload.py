"""Upload of one file to S3: in one request, or in parts that a later try can resume."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from gala_storage.checksum import Fingerprint, chunks_of
from gala_storage.errors import StorageDenied, StorageError, StorageUnavailable
from gala_storage.providers.s3.errors import NotSupported, UploadGone, translate_errors
from gala_storage.retry import RetryPolicy

if TYPE_CHECKING:
    from mypy_boto3_s3.client import S3Client
    from mypy_boto3_s3.type_defs import CompletedPartTypeDef, PartTypeDef

PART_SIZE: Final = 8 * 1024 * 1024
_MAX_PARTS: Final = 10_000


def _base64(digest: bytes) -> str:
    return base64.b64encode(digest).decode()


@dataclass(frozen=True, slots=True)
class Part:
    """A part of the file: ``size`` bytes from ``start``; ``number`` counts from 1."""

    number: int
    start: int
    size: int
    digest: bytes

    def read(self, path: Path) -> bytes:
        """Return the part's bytes."""
        with path.open("rb", buffering=0) as file:
            file.seek(self.start)
            return file.read(self.size)

    def matches(self, stored: PartTypeDef, path: Path) -> bool:
        """Return True if the stored part has the same bytes as the file."""
        if stored.get("Size") != self.size:
            return False
        if checksum := stored.get("ChecksumSHA256"):
            return checksum == _base64(self.digest)
        md5 = hashlib.md5(self.read(path), usedforsecurity=False).hexdigest()
        return stored.get("ETag", "").strip('"') == md5


@dataclass(frozen=True, slots=True)
class UploadPlan:
    """The parts of an upload, and the fingerprint that S3 must report afterwards."""

    path: Path
    seen: Fingerprint
    parts: tuple[Part, ...]

    @property
    def checksums(self) -> frozenset[str]:
        """The checksums that S3 may report: that of all bytes, and that of the parts' digests."""
        parts = hashlib.sha256(b"".join(part.digest for part in self.parts)).digest()
        return frozenset({_base64(bytes.fromhex(self.seen.sha256)), _base64(parts)})


def plan_upload(path: Path) -> UploadPlan:
    """Read the file once and return its fingerprint and parts."""
    part_size = PART_SIZE
    while part_size * _MAX_PARTS < path.stat().st_size:
        part_size *= 2
    whole, parts = hashlib.sha256(), list[Part]()
    digest, start, size = hashlib.sha256(), 0, 0
    for chunk in chunks_of(path):
        if size + len(chunk) > part_size:
            parts.append(Part(len(parts) + 1, start, size, digest.digest()))
            digest, start, size = hashlib.sha256(), start + size, 0
        whole.update(chunk)
        digest.update(chunk)
        size += len(chunk)
    parts.append(Part(len(parts) + 1, start, size, digest.digest()))
    return UploadPlan(path, Fingerprint(start + size, whole.hexdigest()), tuple(parts))


def abort_unfinished(client: S3Client, bucket: str, key: str) -> None:
    """Delete the parts of interrupted uploads to a key, if that is permitted."""
    with suppress(StorageError), translate_errors(key):
        page = client.list_multipart_uploads(Bucket=bucket, Prefix=key)
        for one in page.get("Uploads", []):
            if one["Key"] == key:
                client.abort_multipart_upload(Bucket=bucket, Key=key, UploadId=one["UploadId"])


@dataclass(frozen=True, slots=True, kw_only=True)
class MultipartUpload:
    """One upload of a planned file to one key."""

    client: S3Client
    bucket: str
    key: str
    mime: str
    plan: UploadPlan
    policy: RetryPolicy
    on_progress: Callable[[int], None] | None
    basic: bool
    """Use only what all compatible servers support: no write-once conditions, no checksums."""

    def run(self) -> None:
        """Upload the file.

        :raises ObjectExists: there is already an object with the key.
        :raises NotSupported: the server supports only ``basic`` uploads.
        """
        if len(self.plan.parts) == 1:
            self._put_at_once()
        else:
            self._put_parts()

    @property
    def _address(self) -> dict[str, Any]:
        return {"Bucket": self.bucket, "Key": self.key}

    @property
    def _headers(self) -> dict[str, Any]:
        headers = {"ContentType": self.mime, "Metadata": {"sha256": self.plan.seen.sha256}}
        return headers if self.basic else {**headers, "ChecksumAlgorithm": "SHA256"}

    @property
    def _once(self) -> dict[str, Any]:
        return {} if self.basic else {"IfNoneMatch": "*"}

    def _checksum(self, part: Part) -> dict[str, Any]:
        return {} if self.basic else {"ChecksumSHA256": _base64(part.digest)}

    def _report(self, sent: int) -> None:
        if self.on_progress is not None:
            self.on_progress(sent)

    def _put_at_once(self) -> None:
        part = self.plan.parts[0]
        body = part.read(self.plan.path)

        def put() -> None:
            with translate_errors(self.key):
                self.client.put_object(
                    **self._address,
                    **self._headers,
                    **self._checksum(part),
                    **self._once,
                    Body=body,
                )

        self.policy.call(put)
        self._report(part.size)

    def _put_parts(self) -> None:
        found = self._unfinished()
        upload_id = found or self.policy.call(self._begin)
        try:
            done = self.policy.call(lambda: self._done_parts(upload_id)) if found else {}
            for part in self.plan.parts:
                if part.number not in done:
                    done[part.number] = self._send(upload_id, part)
                self._report(part.start + part.size)
            self.policy.call(lambda: self._complete(upload_id, done))
        except StorageUnavailable:
            # The parts are kept, so that the next try can resume.
            raise
        except BaseException:
            self._abort(upload_id)
            raise

    def _unfinished(self) -> str | None:
        """Return the id of an interrupted upload to this key."""

        def find() -> str | None:
            with translate_errors(self.key):
                page = self.client.list_multipart_uploads(Bucket=self.bucket, Prefix=self.key)
            found = (one["UploadId"] for one in page.get("Uploads", []) if one["Key"] == self.key)
            return next(found, None)

        try:
            return self.policy.call(find)
        except (StorageDenied, NotSupported):
            # Listing needs a separate permission; without it the upload starts again.
            return None

    def _begin(self) -> str:
        with translate_errors(self.key):
            answer = self.client.create_multipart_upload(**self._address, **self._headers)
        return answer["UploadId"]

    def _done_parts(self, upload_id: str) -> dict[int, CompletedPartTypeDef]:
        pages = self.client.get_paginator("list_parts").paginate(
            **self._address, UploadId=upload_id
        )
        with translate_errors(self.key):
            stored = {part["PartNumber"]: part for page in pages for part in page.get("Parts", [])}
        return {
            part.number: self._completed(part, stored[part.number]["ETag"])
            for part in self.plan.parts
            if part.number in stored and part.matches(stored[part.number], self.plan.path)
        }

    def _send(self, upload_id: str, part: Part) -> CompletedPartTypeDef:
        body = part.read(self.plan.path)

        def send() -> str:
            with translate_errors(self.key):
                answer = self.client.upload_part(
                    **self._address,
                    **self._checksum(part),
                    UploadId=upload_id,
                    PartNumber=part.number,
                    Body=body,
                )
            return answer["ETag"]

        return self._completed(part, self.policy.call(send))

    def _completed(self, part: Part, etag: str) -> CompletedPartTypeDef:
        return {"PartNumber": part.number, "ETag": etag, **self._checksum(part)}  # type: ignore[typeddict-item]

    def _complete(self, upload_id: str, done: dict[int, CompletedPartTypeDef]) -> None:
        parts = [done[number] for number in sorted(done)]
        # UploadGone: an earlier try was completed and only its response was lost, or another
        # process ended the upload. The later check of the stored object decides.
        with suppress(UploadGone), translate_errors(self.key):
            self.client.complete_multipart_upload(
                **self._address, **self._once, UploadId=upload_id, MultipartUpload={"Parts": parts}
            )

    def _abort(self, upload_id: str) -> None:
        with suppress(StorageError), translate_errors(self.key):
            self.client.abort_multipart_upload(**self._address, UploadId=upload_id)
