"""``gala smoke``: runs the smallest job from end to end, like ``smoke-test.ps1``."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Final

import typer

from gala.cli.api_connection import connect
from gala.cli.console import Server, print_status
from gala.cli.progress import ShowProgress, no_progress, progress_bar, wait_shown
from gala.client import GalaClient, Job
from gala.errors import GalaError
from gala.job import JobStatus
from gala.media import AssetKind, Format

JOB_SECONDS: Final = 60.0
SPOKEN_SECONDS: Final = 180.0
MIN_BYTES: Final = {"video": 10_000, "thumbnail": 1_000}
SUFFIXES: Final = {"video": ".mp4", "thumbnail": ".jpg", "captions": ".vtt"}


class SmokeTestFailed(GalaError):
    """The smoke test failed."""


def run_smoke(
    client: GalaClient,
    folder: Path,
    *,
    stem: str = "hello",
    background: Path | None = None,
    music: Path | None = None,
    frame: Format | None = None,
    timeout_seconds: float = JOB_SECONDS,
    show: ShowProgress = no_progress,
) -> list[Path]:
    """Check the API's health, run a job, and download ``<stem>.mp4`` and ``<stem>.jpg``.

    Raises:
        GalaError: a response or an output differs from the API's contract.
    """
    status = client.health().get("status")
    if status != "ok":
        raise SmokeTestFailed(f"the API's health status is {status!r} instead of 'ok'")
    inputs = {}
    if background:
        asset = client.upload(background, kind=AssetKind.BACKGROUND)
        inputs["bg_asset_id"] = asset.id
    if music:
        inputs["music_asset_id"] = client.upload(music, kind=AssetKind.MUSIC).id
    job = client.submit(
        name="hello-e2e",
        params={"text": "GALA E2E"},
        inputs=inputs or None,
        output=_output(frame),
    )
    print_status(f"job {job.id}")
    done = _wait_until_done(client, job, timeout_seconds, show)
    return _download(client, done, folder / stem)


def run_spoken(
    client: GalaClient,
    folder: Path,
    *,
    stem: str,
    text: str,
    language: str,
    picture: Path,
    frame: Format | None = None,
    show: ShowProgress = no_progress,
) -> list[Path]:
    """Make a captioned video of a text and a picture: ``<stem>.mp4``, ``.jpg`` and ``.vtt``.

    Raises:
        GalaError: a response or an output differs from the API's contract.
    """
    background = client.upload(picture, kind=AssetKind.BACKGROUND)
    job = client.submit(
        type="captioned_video",
        name=stem,
        params={"text": text, "language": language},
        inputs={"background_asset_id": background.id},
        output=_output(frame),
    )
    return _download_spoken(client, job, folder / stem, show)


def run_presenter(
    client: GalaClient,
    folder: Path,
    *,
    stem: str,
    params: Mapping[str, Any],
    inputs: Mapping[str, tuple[AssetKind, Path]],
    frame: Format | None = None,
    show: ShowProgress = no_progress,
) -> list[Path]:
    """Make a video in which a presenter speaks: ``<stem>.mp4``, ``.jpg`` and ``.vtt``.

    ``inputs`` has pictures by the name of the input, such as ``background_asset_id``.

    Raises:
        GalaError: a response or an output differs from the API's contract.
    """
    ids: dict[str, str | list[str]] = {}
    for name, (kind, picture) in inputs.items():
        asset = client.upload(picture, kind=kind)
        ids[name] = [asset.id] if name.endswith("_ids") else asset.id
    job = client.submit(
        type="presenter",
        name=stem,
        params=dict(params),
        inputs=ids or None,
        output=_output(frame),
    )
    return _download_spoken(client, job, folder / stem, show)


def _download_spoken(client: GalaClient, job: Job, stem: Path, show: ShowProgress) -> list[Path]:
    print_status(f"job {job.id}")
    done = _wait_until_done(client, job, SPOKEN_SECONDS, show)
    files = [file for output in done.outputs for file in output.files.values()]
    for spoken in dict.fromkeys(one for file in files for one in file.speech or ()):
        print_status(f"spoken by {spoken}")
    return _download(client, done, stem, MIN_BYTES | {"captions": 100})


def _output(frame: Format | None) -> dict[str, Any] | None:
    return {"format": frame.model_dump()} if frame else None


def _wait_until_done(
    client: GalaClient, job: Job, timeout_seconds: float, show: ShowProgress
) -> Job:
    ended = wait_shown(client, job, show, timeout_seconds)
    if ended.status is not JobStatus.DONE:
        reason = f": {ended.error.code} {ended.error.message}" if ended.error else ""
        raise SmokeTestFailed(
            f"the job {job.id} is {ended.status}{reason}",
            hint=ended.error.hint if ended.error else None,
            log=[line.msg for line in ended.logs[-20:]],
        )
    return ended


def _download(
    client: GalaClient, job: Job, stem: Path, expected: Mapping[str, int] = MIN_BYTES
) -> list[Path]:
    if not job.outputs:
        raise SmokeTestFailed(f"the job {job.id} is DONE but has no outputs")
    assets = job.outputs[0].asset_ids
    files = []
    for role, minimum in expected.items():
        if role not in assets:
            raise SmokeTestFailed(f"outputs[0] has no {role}_asset_id")
        file = client.download(assets[role], stem.with_suffix(SUFFIXES[role]))
        size = file.stat().st_size
        if size <= minimum:
            raise SmokeTestFailed(f"{file} has {size} bytes; more than {minimum} were expected")
        print_status(f"{file}  {size:,} bytes")
        files.append(file)
    return files


def smoke(
    server: Server = None,
    out: Annotated[
        Path, typer.Option(file_okay=False, help="Folder for hello.mp4 and hello.jpg.")
    ] = Path(),
    background: Annotated[
        Path | None, typer.Option(help="Background picture or video.", exists=True)
    ] = None,
    music: Annotated[Path | None, typer.Option(help="Background music.", exists=True)] = None,
    timeout: Annotated[
        float, typer.Option(help="Time limit for the job in seconds.")
    ] = JOB_SECONDS,
) -> None:
    """Test a running GALA: make a short video and download it."""
    with connect(server) as client, progress_bar() as show:
        run_smoke(
            client, out, background=background, music=music, timeout_seconds=timeout, show=show
        )
    typer.echo("Smoke test OK")
