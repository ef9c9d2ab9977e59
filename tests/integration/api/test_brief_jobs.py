"""What exists for one request only is deleted with it, even if its client disconnects.

The API stands alone here: jobs stay QUEUED.
"""

from __future__ import annotations

import socket

import httpx

from tests.support.wait import wait_until

PATH = "/v1/audio/transcriptions"
SOUND = b"ID3\x04\x00\x00\x00\x00\x00\x00" + b"\xff\xfb\x90\x00" + bytes(413)


def asking(api_only_client: httpx.Client) -> socket.socket:
    """A connection with a transcription request that has no response yet."""
    files, data = {"file": ("a.mp3", SOUND)}, {"model": "whisper-1"}
    request = api_only_client.build_request("POST", PATH, files=files, data=data)
    body = request.read()
    kept = ("host", "content-type", "content-length")
    head = "".join(f"{name}: {request.headers[name]}\r\n" for name in kept)
    url = request.url
    line = socket.create_connection((url.host, url.port or 80), timeout=20)
    line.sendall(f"POST {PATH} HTTP/1.1\r\n{head}\r\n".encode() + body)
    return line


def ids(api_only_client: httpx.Client, what: str) -> set[str]:
    return {str(one["id"]) for one in api_only_client.get(f"/{what}").json()[what]}


def test_a_client_that_goes_away_leaves_neither_job_nor_sound(
    api_only_client: httpx.Client,
) -> None:
    assets, jobs = ids(api_only_client, "assets"), ids(api_only_client, "jobs")
    with asking(api_only_client):
        (job,) = wait_until(lambda: ids(api_only_client, "jobs") - jobs, 30, what="the job")
        (sound,) = ids(api_only_client, "assets") - assets
    wait_until(
        lambda: api_only_client.get(f"/jobs/{job}").json()["job"]["status"] == "CANCELLED",
        30,
        what="the cancellation",
    )
    wait_until(
        lambda: api_only_client.get(f"/assets/{sound}").status_code == 404,
        30,
        what="the sound's deletion",
    )
