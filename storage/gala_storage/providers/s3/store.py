"""Objects in an S3 bucket; imported only once boto3 is there."""

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
from gala_storage.providers.s3.errors import NotOffered, UploadGone, translated
from gala_storage.providers.s3.upload import Plan, Upload, end_unfinished, plan_upload
from gala_storage.resuming_stream import resuming_stream
from gala_storage.retry import OnProgress, RetryPolicy, asking

if TYPE_CHECKING:
    from botocore.response import StreamingBody
    from mypy_boto3_s3.client import S3Client
    from mypy_boto3_s3.type_defs import HeadObjectOutputTypeDef

    from gala_storage.settings import StorageSettings

_LONGEST_LINK: Final = timedelta(days=7)


class S3Storage:
    """One bucket of AWS or of anything that speaks S3. A key is the object's key in the bucket."""

    provider = "s3"

    def __init__(
        self, client: S3Client, bucket: str, *, prefix: str = "", policy: RetryPolicy | None = None
    ) -> None:
        self._client = client
        self._bucket = bucket
        self._prefix = prefix.strip("/")
        self._policy = policy or RetryPolicy()
        self._plain = False

    def reserve(self, name: str) -> str:
        return checked_name(f"{self._prefix}/{name}" if self._prefix else name)

    def put(
        self,
        object_key: str,
        path: Path,
        mime: str,
        *,
        name: str,  # noqa: ARG002 - the key is made of the name
        on_progress: Callable[[int], None] | None = None,
    ) -> StoredObject:
        key = checked_name(object_key)
        plan = plan_upload(path)
        with asking(on_progress) as tell:
            self._store(key, mime, plan, tell)
        return StoredObject(self.provider, key, mime, plan.seen.size, plan.seen.sha256)

    def _store(self, key: str, mime: str, plan: Plan, on_progress: OnProgress | None) -> None:
        if self._holds(key, plan):
            return
        try:
            self._upload(key, mime, plan, on_progress)
        except (ObjectExists, UploadGone) as taken:
            # Somebody was faster, or the answer to an earlier try was lost.
            if not self._holds(key, plan):
                raise StorageUnavailable(f"{key} was taken and let go again") from taken
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
            with translated(key):
                self._client.delete_object(Bucket=self._bucket, Key=key)

        self._policy.call(delete)
        end_unfinished(self._client, self._bucket, key)

    def check(self) -> None:
        try:
            with translated(self._bucket):
                self._client.head_bucket(Bucket=self._bucket)
        except ObjectNotFound as missing:
            raise StorageConfigError(f"S3_BUCKET: there is no {self._bucket}") from missing

    def signed_url(
        self, object_key: str, expires: timedelta, *, filename: str | None, inline: bool
    ) -> str:
        """A presigned GET, made without asking the server."""
        if not timedelta() < expires <= _LONGEST_LINK:
            raise ValueError("a link lasts from a moment to seven days")
        key = checked_name(object_key)
        saved_as = quote(filename or key.rpartition("/")[2], safe="")
        shown = "inline" if inline else "attachment"
        with translated(key):
            return self._client.generate_presigned_url(
                "get_object",
                Params={
                    "Bucket": self._bucket,
                    "Key": key,
                    "ResponseContentDisposition": f"{shown}; filename*=UTF-8''{saved_as}",
                },
                ExpiresIn=int(expires.total_seconds()),
            )

    def _upload(
        self, key: str, mime: str, plan: Plan, on_progress: Callable[[int], None] | None
    ) -> None:
        def run() -> None:
            Upload(
                client=self._client,
                bucket=self._bucket,
                key=key,
                mime=mime,
                plan=plan,
                policy=self._policy,
                on_progress=on_progress,
                plain=self._plain,
            ).run()

        try:
            run()
        except NotOffered:
            if self._plain:
                raise
            self._plain = True
            run()

    def _holds(self, key: str, plan: Plan) -> bool:
        """Whether these bytes are there already; raises :class:`ObjectExists` if others are."""
        try:
            told = self._told(key, plan)
        except ObjectNotFound:
            return False
        if told is False or (told is None and not self._reads_as(key, plan)):
            raise ObjectExists(f"other bytes are stored under {key}; objects are written once")
        return True

    def _confirm(self, key: str, plan: Plan) -> None:
        """Verify what has just been stored, and remove it if it is wrong."""
        try:
            told = self._told(key, plan)
        except ObjectNotFound as gone:
            raise StorageUnavailable(f"{key} was sent but is not there") from gone
        if told is False or (told is None and not self._reads_as(key, plan)):
            self.delete(key)
            raise IntegrityError(f"S3 stored other bytes under {key} than were sent")

    def _told(self, key: str, plan: Plan) -> bool | None:
        """Whether S3 says that it has the plan's bytes; ``None`` if it gives no checksum."""
        head = self._head(key)
        if head["ContentLength"] != plan.seen.size:
            return False
        checksum = head.get("ChecksumSHA256")
        # Of an upload in parts it is "<checksum of the parts' checksums>-<number of parts>".
        return checksum.partition("-")[0] in plan.checksums if checksum else None

    def _reads_as(self, key: str, plan: Plan) -> bool:
        with self.open(key) as stream:
            return fingerprint(stream) == plan.seen

    def _head(self, key: str) -> HeadObjectOutputTypeDef:
        def head() -> HeadObjectOutputTypeDef:
            with translated(key):
                return self._client.head_object(
                    Bucket=self._bucket, Key=key, ChecksumMode="ENABLED"
                )

        return self._policy.call(head)

    def _fetch(self, key: str, byte_range: ByteRange | None) -> ObjectStream:
        wanted: dict[str, Any] = {}
        if byte_range is not None:
            wanted["Range"] = f"bytes={byte_range.first}-{byte_range.last}"
        with translated(key):
            answer = self._client.get_object(Bucket=self._bucket, Key=key, **wanted)
        body = answer["Body"]
        return ObjectStream(_chunks(key, body), size=answer["ContentLength"], close=body.close)


def _chunks(key: str, body: StreamingBody) -> Iterator[bytes]:
    while True:
        with translated(key):
            chunk = body.read(CHUNK)
        if not chunk:
            return
        yield chunk


def make_client(settings: StorageSettings) -> S3Client:
    """A client for the settings' server; safe to share between threads."""
    secret = settings.s3_secret_access_key
    path_style = settings.s3_force_path_style
    if path_style is None:
        path_style = settings.s3_endpoint_url is not None
    config = Config(
        signature_version="s3v4",
        connect_timeout=5,
        read_timeout=60,
        # Trying again is RetryPolicy's business, the same for every provider.
        retries={"mode": "standard", "total_max_attempts": 1},
        s3={"addressing_style": "path" if path_style else "auto"},
        # Not every S3-compatible takes a checksum in a trailer; uploads name theirs up front.
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
