"""Use cases of jobs: submit, resolve, wait, follow events."""
