"""The worker: takes a job, has it rendered, uploads what was made, records it, cleans up."""
