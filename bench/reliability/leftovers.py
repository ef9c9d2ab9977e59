"""What must be true after the kills: nothing lost, failed, doubled, stuck or left behind."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import text

from bench.reliability.machine import Machine
from gala.job import LIVE, JobStatus


def live_jobs(machine: Machine) -> list[str]:
    """Return the jobs that have not ended."""
    return [row[0] for row in _rows(machine, "SELECT id, status FROM jobs") if row[1] in LIVE]


def failed_jobs(machine: Machine) -> list[str]:
    """Return the jobs that failed, each with its type and error."""
    statement = f"SELECT id, type, error::text FROM jobs WHERE status = '{JobStatus.FAILED}'"
    return [" ".join(map(str, row)) for row in _rows(machine, statement)]


def lost_jobs(machine: Machine, submitted: Sequence[str]) -> list[str]:
    """Return the accepted jobs that are not in the database."""
    known = {row[0] for row in _rows(machine, "SELECT id FROM jobs")}
    return [job for job in submitted if job not in known]


def doubled_jobs(machine: Machine) -> list[str]:
    """Return the finished jobs that have another number of results than one per output."""
    statement = """
        SELECT jobs.id FROM jobs WHERE status = 'DONE' AND (
            (SELECT count(*) FROM assets WHERE job_id = jobs.id)
                <> (SELECT count(*) FROM job_outputs WHERE job_id = jobs.id)
            OR (SELECT count(*) FROM job_attempts
                WHERE job_id = jobs.id AND outcome = 'DONE') <> 1)
    """
    return [row[0] for row in _rows(machine, statement)]


def left_behind(machine: Machine) -> list[str]:
    """Return the files of ended work: in staging, uploads and storage."""
    data = machine.folder / "data"
    stray = [path for path in (data / "jobs").glob("*") if path.is_dir()]
    stray += [path for path in (data / "uploads").glob("*") if path.is_file()]
    return [*map(str, stray), *_stray_objects(machine)]


def temporary_files(machine: Machine) -> list[str]:
    """Return what is in the folder for temporary files; nothing, once all has been stopped."""
    return [str(path) for path in machine.temporary.iterdir()]


def missing_objects(machine: Machine) -> list[str]:
    """Return the assets whose bytes are not in storage."""
    keys = {row[0] for row in _rows(machine, "SELECT object_key FROM assets")}
    return sorted(keys - set(_stored(machine)))


def _stray_objects(machine: Machine) -> list[str]:
    """Return stored files that no row knows; the sweeper deletes those of reserved rows in time."""
    known = {row[0] for row in _rows(machine, "SELECT object_key FROM objects")}
    return [f"storage/{key}" for key in _stored(machine) if key not in known]


def reserved_objects(machine: Machine) -> int:
    """Return how many objects of interrupted attempts wait for their deletion (after an hour)."""
    return len(_rows(machine, "SELECT object_key FROM objects WHERE state <> 'committed'"))


def _stored(machine: Machine) -> list[str]:
    root = machine.folder / "storage"
    return [path.relative_to(root).as_posix() for path in root.rglob("*") if path.is_file()]


def _rows(machine: Machine, statement: str) -> Sequence[Sequence[object]]:
    with machine.engine.connect() as connection:
        return [tuple(row) for row in connection.execute(text(statement))]
