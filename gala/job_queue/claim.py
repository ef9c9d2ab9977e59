"""The statement that claims the next due job of a lane, fairly between owners.

Order: priority; then the owner with the fewest running jobs on the lane; then the owner served
longest ago on it; then age. Within an owner: priority, then age. An owner with 500 waiting jobs
does not hold up the others.
"""

from __future__ import annotations

from typing import Final

from sqlalchemy import text

# A group is the waiting jobs of one owner and one priority. The recursive part skips through the
# index from the first job of each group to the next group (a loose index scan), so the cost grows
# with the number of waiting owners, not of jobs. The first job of a group is its earliest: if that
# is not due, none of the group is. The last join stops as soon as one job is locked.
CLAIM: Final = text("""
    WITH RECURSIVE groups AS (
        (
            SELECT owner_id, priority, run_after FROM jobs
            WHERE status = 'QUEUED' AND lane = :lane
            ORDER BY owner_id, priority DESC, run_after LIMIT 1
        ) UNION ALL
        SELECT following.* FROM groups AS here CROSS JOIN LATERAL (
            (
                SELECT owner_id, priority, run_after FROM jobs
                WHERE status = 'QUEUED' AND lane = :lane
                    AND owner_id = here.owner_id AND priority < here.priority
                ORDER BY owner_id, priority DESC, run_after LIMIT 1
            ) UNION ALL (
                SELECT owner_id, priority, run_after FROM jobs
                WHERE status = 'QUEUED' AND lane = :lane AND owner_id > here.owner_id
                ORDER BY owner_id, priority DESC, run_after LIMIT 1
            )
            ORDER BY owner_id LIMIT 1
        ) AS following
    ), busy AS (
        SELECT owner_id, count(*) AS running FROM jobs
        WHERE status = 'RUNNING' AND lane = :lane GROUP BY owner_id
    ), in_turn AS (
        SELECT groups.owner_id, priority
        FROM groups
        LEFT JOIN busy ON busy.owner_id = groups.owner_id
        LEFT JOIN turns ON turns.lane = :lane AND turns.owner_id = groups.owner_id
        WHERE run_after <= now()
        ORDER BY
            priority DESC, coalesce(running, 0), served_at NULLS FIRST, run_after, groups.owner_id
    ), next AS (
        SELECT job.id FROM in_turn CROSS JOIN LATERAL (
            SELECT id FROM jobs
            WHERE status = 'QUEUED' AND lane = :lane AND run_after <= now()
                AND owner_id = in_turn.owner_id AND priority = in_turn.priority
            ORDER BY run_after, id
            LIMIT 1
            FOR UPDATE SKIP LOCKED
        ) AS job
        LIMIT 1
    ), claimed AS (
        UPDATE jobs SET
            status = 'RUNNING', phase = 'staging', progress = 0,
            attempt = attempt + 1, lease_token = lease_token + 1,
            lease_until = clock_timestamp() + :lease, leased_by = :worker,
            started_at = coalesce(started_at, now())
        FROM next WHERE jobs.id = next.id
        RETURNING jobs.*
    ), begun AS (
        INSERT INTO job_attempts (job_id, number, owner_id, worker)
        SELECT id, attempt, owner_id, leased_by FROM claimed
    ), served AS (
        INSERT INTO turns (lane, owner_id, served_at)
        SELECT lane, owner_id, clock_timestamp() FROM claimed
        ON CONFLICT (lane, owner_id) DO UPDATE SET served_at = excluded.served_at
    )
    SELECT * FROM claimed
""")
