"""Provider that stores objects in an S3 bucket; boto3 must be installed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote

import boto3
from botocore.config import Config

from gala_storage.checksum import fingerprint
from gala_storage.contract import CHUNK, ByteRange, ObjectStat, ObjectStream, StoredObject
from gala_storage.errors import (
    IntegrityError,
    ObjectExists,
    ObjectNotFound,
    StorageConfigError,
    StorageUnavailable,
)
from gala_storage.object_names import checked_name
from gala_storage.providers.s3.errors import NotSupported, UploadGone, translate_errors
from gala_storage.providers.s3.upload import (
    MultipartUpload,
    UploadPlan,
    abort_unfinished,
    plan_upload,
)
from gala_storage.resuming_stream import resuming_stream
from gala_storage.retry import OnProgress, RetryPolicy, reporting_while_waiting

if TYPE_CHECKING:
    from botocore.response import StreamingBody
    from mypy_boto3_s3.client import S3Client
    from mypy_boto3_s3.type_defs import HeadObjectOutputTypeDef

    from gala_storage.settings import StorageSettings

_MAX_LINK_DURATION: Final = timedelta(days=7)


class S3Storage:
    """One bucket of AWS or a compatible server; keys are the keys in the bucket."""

    provider = "s3"

    def __init__(
        self, client: S3Client, bucket: str, *, prefix: str = "", policy: RetryPolicy | None = None
    ) -> None:
        self._client = client
        self._bucket = bucket
        self._prefix = prefix.strip("/")
        self._policy = policy or RetryPolicy()
        self._basic = False

    def reserve(self, name: str) -> str:
        return checked_name(f"{self._prefix}/{name}" if self._prefix else name)

    def put(
        self,
        object_key: str,
        path: Path,
        mime: str,
        *,
        name: str,  # noqa: ARG002 - the key contains the name
        on_progress: Callable[[int], None] | None = None,
    ) -> StoredObject:
        key = checked_name(object_key)
        plan = plan_upload(path)
        with reporting_while_waiting(on_progress) as report:
            self._store(key, mime, plan, report)
        return StoredObject(self.provider, key, mime, plan.seen.size, plan.seen.sha256)

    def _store(self, key: str, mime: str, plan: UploadPlan, on_progress: OnProgress | None) -> None:
        if self._holds(key, plan):
            return
        try:
            self._upload(key, mime, plan, on_progress)
        except (ObjectExists, UploadGone) as taken:
            # Another process was faster, or the response to an earlier try was lost.
            if not self._holds(key, plan):
                raise StorageUnavailable(
                    f"{key} was created and deleted by another process"
                ) from taken
        else:
            self._confirm(key, plan)

    def open(self, object_key: str, byte_range: ByteRange | None = None) -> ObjectStream:
        key = checked_name(object_key)
        return resuming_stream(lambda part: self._fetch(key, part), byte_range, self._policy)

    def stat(self, object_key: str) -> ObjectStat:
        head = self._head(checked_name(object_key))
        return ObjectStat(
            size=head["ContentLength"],
            sha256=head.get("Metadata", {}).get("sha256"),
            mime=head.get("ContentType"),
            modified=head.get("LastModified"),
        )

    def delete(self, object_key: str) -> None:
        key = checked_name(object_key)

        def delete() -> None:
            with translate_errors(key):
                self._client.delete_object(Bucket=self._bucket, Key=key)

        self._policy.call(delete)
        abort_unfinished(self._client, self._bucket, key)

    def check(self) -> None:
        try:
            with translate_errors(self._bucket):
                self._client.head_bucket(Bucket=self._bucket)
        except ObjectNotFound as missing:
            raise StorageConfigError(f"S3_BUCKET: there is no bucket {self._bucket}") from missing

    def signed_url(
        self, object_key: str, expires: timedelta, *, filename: str | None, inline: bool
    ) -> str:
        """Return a presigned URL; it is computed without a request."""
        if not timedelta() < expires <= _MAX_LINK_DURATION:
            raise ValueError("expires must be positive and at most seven days")
        key = checked_name(object_key)
        quoted_name = quote(filename or key.rpartition("/")[2], safe="")
        disposition = "inline" if inline else "attachment"
        with translate_errors(key):
            return self._client.generate_presigned_url(
                "get_object",
                Params={
                    "Bucket": self._bucket,
                    "Key": key,
                    "ResponseContentDisposition": f"{disposition}; filename*=UTF-8''{quoted_name}",
                },
                ExpiresIn=int(expires.total_seconds()),
            )

    def _upload(
        self, key: str, mime: str, plan: UploadPlan, on_progress: Callable[[int], None] | None
    ) -> None:
        def run() -> None:
            MultipartUpload(
                client=self._client,
                bucket=self._bucket,
                key=key,
                mime=mime,
                plan=plan,
                policy=self._policy,
                on_progress=on_progress,
                basic=self._basic,
            ).run()

        try:
            run()
        except NotSupported:
            if self._basic:
                raise
            self._basic = True
            run()

    def _holds(self, key: str, plan: UploadPlan) -> bool:
        """Return True if these bytes are stored; raise :class:`ObjectExists` if others are."""
        try:
            matches = self._checksum_matches(key, plan)
        except ObjectNotFound:
            return False
        if matches is False or (matches is None and not self._content_matches(key, plan)):
            raise ObjectExists(f"other bytes are stored with {key}; objects are written once")
        return True

    def _confirm(self, key: str, plan: UploadPlan) -> None:
        """Verify the stored object, and remove it if it differs."""
        try:
            matches = self._checksum_matches(key, plan)
        except ObjectNotFound as gone:
            raise StorageUnavailable(f"{key} was uploaded but does not exist") from gone
        if matches is False or (matches is None and not self._content_matches(key, plan)):
            self.delete(key)
            raise IntegrityError(f"the bytes stored with {key} differ from those that were sent")

    def _checksum_matches(self, key: str, plan: UploadPlan) -> bool | None:
        """Return True if size and checksum in S3 match; None if S3 reports no checksum."""
        head = self._head(key)
        if head["ContentLength"] != plan.seen.size:
            return False
        checksum = head.get("ChecksumSHA256")
        # For a multipart upload it is "<checksum of the parts' checksums>-<number of parts>".
        return checksum.partition("-")[0] in plan.checksums if checksum else None

    def _content_matches(self, key: str, plan: UploadPlan) -> bool:
        with self.open(key) as stream:
            return fingerprint(stream) == plan.seen

    def _head(self, key: str) -> HeadObjectOutputTypeDef:
        def head() -> HeadObjectOutputTypeDef:
            with translate_errors(key):
                return self._client.head_object(
                    Bucket=self._bucket, Key=key, ChecksumMode="ENABLED"
                )

        return self._policy.call(head)

    def _fetch(self, key: str, byte_range: ByteRange | None) -> ObjectStream:
        options: dict[str, Any] = {}
        if byte_range is not None:
            options["Range"] = f"bytes={byte_range.first}-{byte_range.last}"
        with translate_errors(key):
            answer = self._client.get_object(Bucket=self._bucket, Key=key, **options)
        body = answer["Body"]
        return ObjectStream(_chunks(key, body), size=answer["ContentLength"], close=body.close)


def _chunks(key: str, body: StreamingBody) -> Iterator[bytes]:
    while True:
        with translate_errors(key):
            chunk = body.read(CHUNK)
        if not chunk:
            return
        yield chunk


def make_client(settings: StorageSettings) -> S3Client:
    """Return a client for the configured server; safe to share between threads."""
    secret = settings.s3_secret_access_key
    path_style = settings.s3_force_path_style
    if path_style is None:
        path_style = settings.s3_endpoint_url is not None
    config = Config(
        signature_version="s3v4",
        connect_timeout=5,
        read_timeout=60,
        # RetryPolicy does the retries, as for every provider.
        retries={"mode": "standard", "total_max_attempts": 1},
        s3={"addressing_style": "path" if path_style else "auto"},
        # Not every compatible server accepts a checksum in a trailer; uploads send it first.
        request_checksum_calculation="when_required",
        response_checksum_validation="when_required",
    )
    try:
        return boto3.session.Session().client(
            "s3",
            endpoint_url=settings.s3_endpoint_url,
            region_name=settings.s3_region or ("us-east-1" if settings.s3_endpoint_url else None),
            aws_access_key_id=settings.s3_access_key_id,
            aws_secret_access_key=secret.get_secret_value() if secret else None,
            config=config,
        )
    except ValueError as wrong:
        raise StorageConfigError(f"S3_ENDPOINT_URL or S3_REGION is wrong: {wrong}") from wrong
