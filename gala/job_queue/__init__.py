"""The queue of jobs in Postgres, and the wake-ups that Redis carries to workers."""
