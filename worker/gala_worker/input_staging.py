"""The attempt's folder under DATA_ROOT: staging of inputs, and finished renders found again."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from pydantic import TypeAdapter, ValidationError

from gala.db.tables import Asset
from gala.errors import StorageFailed, UnprocessableMedia, UnsupportedMedia
from gala.files import atomic_file, disk_errors
from gala.media import MediaClass, media_class
from gala.mime import suffix_of
from gala.render_protocol import Output, StagedInput
from gala.render_types import RenderType, import_media
from gala.render_types.base import InputSpec
from gala_storage import StorageRegistry
from gala_worker.heartbeat import Heartbeat
from gala_worker.http_fetch import Fetched, Fetcher, describe_content
from gala_worker.output_upload import storage_errors
from gala_worker.settings import DISK_FULL_HINT

_MANIFEST = "rendered.json"
_OUTPUTS: TypeAdapter[list[Output]] = TypeAdapter(list[Output])


class StagingFolder:
    """``<DATA_ROOT>/jobs/<job>/<attempt>`` with ``in/`` and ``out/``."""

    def __init__(self, path: Path):
        self.path = path
        self.job_path = path.parent

    def create(self) -> None:
        """Create the folders, accessible to their owner only."""
        with disk_errors(hint=DISK_FULL_HINT):
            self.job_path.mkdir(mode=0o700, parents=True, exist_ok=True)
            (self.path / "in").mkdir(mode=0o700, parents=True, exist_ok=True)

    def file(self, output: Output) -> Path:
        """Return the path of an output."""
        return self.path / output.path

    def write_manifest(self, outputs: Sequence[Output]) -> None:
        """Record that these outputs are complete, so that later attempts need not render again."""
        manifest = self.path / _MANIFEST
        with disk_errors(hint=DISK_FULL_HINT), atomic_file(manifest) as temporary:
            temporary.write_bytes(_OUTPUTS.dump_json(list(outputs)))

    def find_finished_render(self) -> tuple[StagingFolder, list[Output]] | None:
        """Return the folder and outputs of the newest attempt with a complete, intact render."""
        for manifest in sorted(self.job_path.glob(f"*/{_MANIFEST}"), key=_attempt, reverse=True):
            earlier = StagingFolder(manifest.parent)
            try:
                outputs = _OUTPUTS.validate_json(manifest.read_bytes())
                intact = all(_sha256(earlier.file(output)) == output.sha256 for output in outputs)
            except (OSError, ValidationError):
                continue
            if intact:
                return earlier, outputs
        return None


def _attempt(manifest: Path) -> int:
    return int(manifest.parent.name)


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


@dataclass(frozen=True, slots=True, kw_only=True)
class InputStager:
    """Copies an attempt's inputs into its folder: assets from storage, files from URLs."""

    folder: StagingFolder
    render_type: RenderType
    storages: StorageRegistry
    fetcher: Fetcher
    heartbeat: Heartbeat
    on_progress: Callable[[float], None]
    """Called with the staged share of all inputs, 0 to 1."""

    def stage(
        self, inputs: Mapping[str, Sequence[str]], assets: Mapping[str, Asset]
    ) -> dict[str, tuple[StagedInput, ...]]:
        """Return the staged files of each input, in order; an entry is an asset id or a URL."""
        entries = [
            (name, position, entry)
            for name, listed in inputs.items()
            for position, entry in enumerate(listed)
        ]
        staged: dict[str, list[StagedInput]] = {name: [] for name in inputs}
        for done, (name, position, entry) in enumerate(entries):
            asset = assets.get(entry)
            if asset is not None:
                file = self._stage_asset(name, position, asset)
            else:
                file = self._stage_url(name, position, entry, share=(done, len(entries)))
            staged[name].append(file)
            self.on_progress((done + 1) / len(entries))
        return {name: tuple(files) for name, files in staged.items()}

    def _stage_asset(self, name: str, position: int, asset: Asset) -> StagedInput:
        relative = f"in/{name}-{position}{suffix_of(asset.mime)}"
        with disk_errors(hint=DISK_FULL_HINT), storage_errors():
            _copy(asset, self.folder.path / relative, self.storages, self.heartbeat)
        return StagedInput(path=relative, mime=asset.mime, sha256=asset.sha256)

    def _stage_url(self, name: str, position: int, url: str, share: tuple[int, int]) -> StagedInput:
        field = self._url_field(name, position)
        done, of = share

        def on_progress(received: int, total: int | None) -> None:
            if total:
                self.on_progress((done + received / total) / of)

        with disk_errors(hint=DISK_FULL_HINT):
            fetched = self.fetcher.fetch(
                url,
                self.folder.path / "in" / f"{name}-{position}.partial",
                field=field,
                on_progress=on_progress,
                check=self.heartbeat.check,
            )
        self._check_media(field, name, fetched)
        relative = f"in/{name}-{position}{suffix_of(fetched.mime)}"
        fetched.path.replace(self.folder.path / relative)
        origin = "unchanged since it was fetched before" if fetched.cached else "fetched"
        host = urlsplit(fetched.final_url).netloc
        self.heartbeat.log(
            f"{field}: {fetched.size:,} bytes of {fetched.mime} from {host}, {origin}"
        )
        return StagedInput(path=relative, mime=fetched.mime, sha256=fetched.sha256)

    def _url_field(self, name: str, position: int) -> str:
        """Return the field of the request: ``inputs.video_url`` or ``inputs.clips_urls.1``."""
        spec = self.render_type.inputs.get(name)
        many = spec is not None and spec.many
        return f"inputs.{name}_urls.{position}" if many else f"inputs.{name}_url"

    def _check_media(self, field: str, name: str, fetched: Fetched) -> None:
        spec = self.render_type.inputs.get(name)
        content = describe_content(fetched.path, fetched.mime)
        # Pages and playlists are text, but nobody means them: servers send them instead of a file.
        is_file = content == fetched.mime
        if is_file and (spec is None or media_class(fetched.mime) in spec.media):
            return
        fetched.path.unlink()
        # The type of an import is decided by its content, as that of an upload is.
        importing = self.render_type.name == import_media.TYPE.name
        raise (UnsupportedMedia if importing else UnprocessableMedia)(
            f"{field}: The file at this URL is {content}; {self.render_type.name} needs"
            f" {_needed(spec)} here.",
            field=field,
            mime=fetched.mime,
            rule="not_media",
        )


def _needed(spec: InputSpec | None) -> str:
    if spec is None:
        return "a media file"
    names = ("subtitles" if one is MediaClass.TEXT else str(one) for one in spec.media)
    return " or ".join(sorted(name for name in names if name != MediaClass.OTHER))


def _copy(asset: Asset, target: Path, storages: StorageRegistry, heartbeat: Heartbeat) -> None:
    digest = hashlib.sha256()
    with (
        storages.get(asset.provider).open(asset.object_key) as stream,
        target.open("xb") as file,
    ):
        for chunk in stream:
            heartbeat.check()
            digest.update(chunk)
            file.write(chunk)
    if digest.hexdigest() != asset.sha256:
        raise StorageFailed(
            f"The stored bytes of {asset.id} differ from those that were uploaded.",
            hint="Upload the asset again and use its new id.",
        )
