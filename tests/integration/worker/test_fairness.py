"""The claim policy: no owner waits behind 500 jobs of another, and no job hides another."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from gala import ids
from gala.db.engine import Sessions, transaction
from gala.db.tables import Job
from gala.job import JobPhase, JobStatus, Lane
from gala.job_queue import lease as leases
from gala.job_queue.lease import Lease
from tests.integration.worker.conftest import queued

HOUR = timedelta(hours=1)


def taken(session: Session, lane: Lane = Lane.BATCH) -> tuple[Job, Lease]:
    """Claim the next job; return it."""
    claimed = leases.claim(session, lane=lane, worker="w", lease=HOUR)
    assert claimed is not None
    return claimed


def owner_in_turn(sessions: Sessions, lane: Lane = Lane.BATCH) -> str:
    """Claim the next job; return its owner."""
    with transaction(sessions) as session:
        return taken(session, lane)[0].owner_id


def worked_off(sessions: Sessions, count: int, lane: Lane = Lane.BATCH) -> list[str]:
    """Return the owners of the next jobs of a worker that ends each before the next claim."""
    owners = []
    for _ in range(count):
        with transaction(sessions) as session:
            job, lease = taken(session, lane)
            leases.cancel(session, lease)
        owners.append(job.owner_id)
    return owners


def flood(
    sessions: Sessions, owner: str, count: int, *, lane: Lane = Lane.BATCH, priority: int = 0
) -> list[str]:
    """Queue ``count`` jobs of one owner at the same time."""
    job_ids = [ids.new_id(ids.Prefix.JOB) for _ in range(count)]
    common = {
        "owner_id": owner,
        "type": "test_noop",
        "template_id": ids.builtin_template_id("hello_render"),
        "model_ids": [],
        "inputs": {},
        "params": {},
        "lane": lane,
        "priority": priority,
        "status": JobStatus.QUEUED,
        "phase": JobPhase.WAITING,
    }
    with transaction(sessions) as session:
        session.execute(insert(Job), [{"id": job_id, **common} for job_id in job_ids])
    return job_ids


def test_a_newcomer_is_next_though_another_has_500_jobs_and_there_is_one_worker(
    sessions: Sessions,
) -> None:
    flood(sessions, "many", 500)
    assert worked_off(sessions, 3) == ["many"] * 3
    flood(sessions, "one", 1)
    assert worked_off(sessions, 3) == ["one", "many", "many"]


def test_owners_who_all_wait_take_turns(sessions: Sessions) -> None:
    for owner, count in (("a", 40), ("b", 10), ("c", 10)):
        flood(sessions, owner, count)
    turns = worked_off(sessions, 30)
    assert [Counter(turns[i : i + 3]) for i in range(0, 30, 3)] == [Counter("abc")] * 10
    assert worked_off(sessions, 30) == ["a"] * 30


def test_who_comes_back_after_a_pause_gets_one_turn_and_no_arrears(sessions: Sessions) -> None:
    flood(sessions, "away", 1)
    assert worked_off(sessions, 1) == ["away"]
    flood(sessions, "steady", 30)
    worked_off(sessions, 20)
    flood(sessions, "away", 5)
    assert worked_off(sessions, 6) == ["away", "steady"] * 3


def test_workers_go_to_the_owners_for_whom_the_fewest_jobs_run(sessions: Sessions) -> None:
    flood(sessions, "a", 6)
    assert [owner_in_turn(sessions) for _ in range(3)] == ["a"] * 3
    flood(sessions, "b", 6)
    # Once "b" had its turn, "a" has waited longer, but three of its jobs run.
    assert [owner_in_turn(sessions) for _ in range(3)] == ["b"] * 3
    assert Counter(owner_in_turn(sessions) for _ in range(2)) == Counter("ab")


def test_a_lane_knows_nothing_of_the_other_ones_turns(sessions: Sessions) -> None:
    flood(sessions, "busy", 2)
    flood(sessions, "busy", 2, lane=Lane.INTERACTIVE)
    flood(sessions, "other", 2, lane=Lane.INTERACTIVE)
    assert owner_in_turn(sessions) == "busy"
    # Its running jobs on the other lane do not count here.
    interactive = [owner_in_turn(sessions, Lane.INTERACTIVE) for _ in range(4)]
    assert sorted(interactive[:2]) == sorted(interactive[2:]) == ["busy", "other"]
    assert owner_in_turn(sessions) == "busy"


def test_priority_goes_before_turns(sessions: Sessions) -> None:
    flood(sessions, "a", 3)
    urgent = flood(sessions, "a", 2, priority=1)
    flood(sessions, "b", 2)
    lowest = flood(sessions, "b", 1, priority=-1)
    with transaction(sessions) as session:
        order = [taken(session)[0] for _ in range(8)]
    assert [job.id for job in order[:2]] == urgent
    assert [job.owner_id for job in order[2:7]] == ["b", "b", "a", "a", "a"]
    assert [order[7].id] == lowest


def test_jobs_that_wait_for_their_back_off_hide_no_others(sessions: Sessions) -> None:
    later = datetime.now(UTC) + HOUR
    with transaction(sessions) as session:
        for priority in (9, 5, 0):
            queued(session, owner_id="a", run_after=later, priority=priority)
        queued(session, owner_id="nothing due", run_after=later)
        due = [queued(session, owner_id=owner, priority=0).id for owner in ("a", "z")]
    with transaction(sessions) as session:
        assert sorted(taken(session)[0].id for _ in due) == sorted(due)
        assert leases.claim(session, lane=Lane.BATCH, worker="w", lease=HOUR) is None


def test_jobs_that_others_hold_are_passed_over_and_not_waited_for(sessions: Sessions) -> None:
    first, second = flood(sessions, "a", 2)
    (only,) = flood(sessions, "b", 1)
    with transaction(sessions) as holder:
        lock(holder, [first, only])
        with transaction(sessions) as session:
            assert taken(session)[0].id == second
            assert leases.claim(session, lane=Lane.BATCH, worker="w", lease=HOUR) is None
    assert {owner_in_turn(sessions) for _ in range(2)} == {"a", "b"}


def test_a_claim_locks_only_the_job_that_it_takes(sessions: Sessions) -> None:
    ours = [flood(sessions, owner, 3) for owner in "abc"]
    everything = [job_id for jobs in ours for job_id in jobs]
    with transaction(sessions) as session:
        job, _ = taken(session)
        with transaction(sessions) as other:
            free = lock(other, everything)
    assert sorted([*free, job.id]) == sorted(everything)


def lock(session: Session, job_ids: Sequence[str]) -> list[str]:
    """Lock the jobs that are not locked; return them."""
    wanted = select(Job.id).where(Job.id.in_(job_ids))
    return list(session.scalars(wanted.with_for_update(skip_locked=True)))
