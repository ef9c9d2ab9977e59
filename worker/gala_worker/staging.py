"""The attempt's folder under DATA_ROOT: inputs laid ready, finished renders found again."""

from __future__ import annotations

import errno
import hashlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from gala.db.tables import Asset
from gala.errors import OutOfDisk, StorageFailed
from gala.mime import suffix_of
from gala.render import Output, StagedInput
from gala_storage import Storages
from gala_worker.heartbeat import Heartbeat
from gala_worker.storing import storage_errors

_MANIFEST = "rendered.json"
_OUTPUTS: TypeAdapter[list[Output]] = TypeAdapter(list[Output])


@contextmanager
def disk_errors() -> Iterator[None]:
    """Tell a full disk by its name."""
    try:
        yield
    except OSError as error:
        if error.errno in {errno.ENOSPC, errno.EDQUOT}:
            raise OutOfDisk(hint="Free some space under DATA_ROOT.") from error
        raise


class AttemptFolder:
    """``<DATA_ROOT>/jobs/<job>/<attempt>`` with ``in/`` and ``out/``."""

    def __init__(self, path: Path):
        self.path = path
        self.job_path = path.parent

    def create(self) -> None:
        """Make the folders; only their owner may look inside."""
        with disk_errors():
            self.job_path.mkdir(mode=0o700, parents=True, exist_ok=True)
            (self.path / "in").mkdir(mode=0o700, parents=True, exist_ok=True)

    def stage(
        self, name: str, assets: Sequence[Asset], storages: Storages, heartbeat: Heartbeat
    ) -> tuple[StagedInput, ...]:
        """Lay the assets of one input ready, each verified against its recorded checksum."""
        staged = []
        for position, asset in enumerate(assets):
            relative = f"in/{name}-{position}{suffix_of(asset.mime)}"
            with disk_errors(), storage_errors():
                _fetch(asset, self.path / relative, storages, heartbeat)
            staged.append(StagedInput(path=relative, mime=asset.mime, sha256=asset.sha256))
        return tuple(staged)

    def file(self, output: Output) -> Path:
        """Where an output lies."""
        return self.path / output.path

    def keep(self, outputs: Sequence[Output]) -> None:
        """Note that these outputs are finished, so that a later attempt need not render again."""
        partial = self.path / f"{_MANIFEST}.partial"
        with disk_errors():
            partial.write_bytes(_OUTPUTS.dump_json(list(outputs)))
            partial.replace(self.path / _MANIFEST)

    def finished_before(self) -> tuple[AttemptFolder, list[Output]] | None:
        """The newest attempt of this job whose render is finished and whose bytes are whole."""
        for manifest in sorted(self.job_path.glob(f"*/{_MANIFEST}"), key=_attempt, reverse=True):
            earlier = AttemptFolder(manifest.parent)
            try:
                outputs = _OUTPUTS.validate_json(manifest.read_bytes())
                whole = all(_digest(earlier.file(output)) == output.sha256 for output in outputs)
            except (OSError, ValidationError):
                continue
            if whole:
                return earlier, outputs
        return None


def _attempt(manifest: Path) -> int:
    return int(manifest.parent.name)


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _fetch(asset: Asset, target: Path, storages: Storages, heartbeat: Heartbeat) -> None:
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
            f"The stored bytes of {asset.id} are not those that were uploaded.",
            hint="Upload the asset again and use its new id.",
        )
