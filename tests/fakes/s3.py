# ruff: noqa: N815 - http.server calls do_GET and the like
"""S3: moto's server in its own process, behind a proxy that can inject faults."""

from __future__ import annotations

import http.client
import re
import subprocess
import sys
from base64 import b64encode
from collections.abc import Iterator
from contextlib import closing, contextmanager, nullcontext
from hashlib import sha256
from threading import Lock
from urllib.parse import urlsplit

import boto3

from tests.fakes.faults import Fault, Faults
from tests.fakes.http import Handler, served

BUCKET = "gala-tests"
ACCESS_KEY_ID = "AKIATEST"
SECRET_ACCESS_KEY = "a secret access key"
_PIECE = 64 * 1024


@contextmanager
def moto_server() -> Iterator[str]:
    """Run moto's S3 with :data:`BUCKET`; yield its URL."""
    command = [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", "0"]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
        try:
            assert process.stderr is not None
            lines = iter(process.stderr.readline, "")
            url = next(m[0] for line in lines if (m := re.search(r"http://[\d.]+:\d+", line)))
            # Discard its later output, which would fill the pipe.
            process.stderr.close()
            _make_bucket(url)
            yield url
        finally:
            process.terminate()


def _make_bucket(url: str) -> None:
    client = boto3.session.Session().client(
        "s3",
        endpoint_url=url,
        region_name="us-east-1",
        aws_access_key_id=ACCESS_KEY_ID,
        aws_secret_access_key=SECRET_ACCESS_KEY,
    )
    client.create_bucket(Bucket=BUCKET)


class S3Proxy:
    """A reverse proxy that forwards every request that no fault applies to."""

    def __init__(self, upstream: str) -> None:
        self.url = ""
        self.faults = Faults()
        self.upstream = urlsplit(upstream).netloc
        self.seen: list[str] = []
        """``METHOD /path?query`` of every request, in order."""
        self.uploaded_bytes = 0
        self.one_writer = Lock()

    def env(self) -> dict[str, str]:
        """Return the environment variables of a process that uses this bucket."""
        return {
            "S3_BUCKET": BUCKET,
            "S3_ENDPOINT_URL": self.url,
            "S3_REGION": "us-east-1",
            "S3_ACCESS_KEY_ID": ACCESS_KEY_ID,
            "S3_SECRET_ACCESS_KEY": SECRET_ACCESS_KEY,
            "S3_FORCE_PATH_STYLE": "true",
        }


class _Handler(Handler):
    proxy: S3Proxy

    def _pass_on(self) -> None:
        self.proxy.seen.append(f"{self.command} {self.path}")
        fault = self.proxy.faults.take(self.command, self.path) or Fault(on="")
        length = int(self.headers.get("Content-Length") or 0)
        if fault.cut_request_after is not None:
            self.rfile.read(min(length, fault.cut_request_after))
            self.cut()
            return
        body = self.rfile.read(length)
        if fault.status is not None:
            self.answer(fault.status, fault.body, **fault.headers)
            return
        self.proxy.uploaded_bytes += length
        body = bytes(length) if fault.corrupt else body
        if self._is_spoilt(body):
            refusal = s3_fault("", 400, "BadDigest")
            self.answer(400, refusal.body)
        else:
            self._relay(body, fault)

    do_GET = do_HEAD = do_PUT = do_POST = do_DELETE = _pass_on

    def _is_spoilt(self, body: bytes) -> bool:
        """Return True if S3 would refuse the body; moto does not verify checksums."""
        claimed = self.headers.get("x-amz-checksum-sha256")
        is_data = self.command == "PUT"
        return is_data and claimed not in {None, b64encode(sha256(body).digest()).decode()}

    def _relay(self, body: bytes, fault: Fault) -> None:
        # Moto's threads share state without a lock: two concurrent writers may get a 500.
        writes = self.command in {"PUT", "POST", "DELETE"}
        with (
            self.proxy.one_writer if writes else nullcontext(),
            closing(http.client.HTTPConnection(self.proxy.upstream, timeout=30)) as upstream,
        ):
            headers = {k: v for k, v in self.headers.items() if k not in {"Expect", "Connection"}}
            upstream.request(self.command, self.path, body=body, headers=headers)
            with upstream.getresponse() as answer:
                if fault.lose_answer:
                    answer.read()
                    self.cut()
                else:
                    self._send(answer, fault)

    def _send(self, answer: http.client.HTTPResponse, fault: Fault) -> None:
        self.send_response(answer.status)
        hidden = {"connection", "transfer-encoding", *map(str.lower, fault.answer_headers)}
        for name, value in answer.getheaders():
            if name.lower() not in hidden:
                self.send_header(name, value)
        for name, value in fault.answer_headers.items():
            if value:
                self.send_header(name, value)
        self.send_header("Connection", "close")
        self.end_headers()
        left = fault.cut_answer_after
        while piece := answer.read(_PIECE if left is None else min(_PIECE, left)):
            self.wfile.write(piece)
            left = None if left is None else left - len(piece)
        if left is not None:
            self.cut()


@contextmanager
def s3_proxy(upstream: str) -> Iterator[S3Proxy]:
    """Serve a proxy in front of an S3 server, on a free port."""
    proxy = S3Proxy(upstream)
    handler = type("_BoundProxy", (_Handler,), {"proxy": proxy})
    with served(handler) as proxy.url:
        yield proxy


def s3_fault(on: str, status: int, code: str, *, times: int = 1, **headers: str) -> Fault:
    """Return a fault with an answer in S3's format."""
    body = f"<Error><Code>{code}</Code><Message>on demand</Message></Error>".encode()
    return Fault(on=on, status=status, body=body, headers=headers, times=times)
