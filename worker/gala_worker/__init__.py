"""The worker: claims jobs, has them rendered, stores the outputs, records the result, cleans up."""
