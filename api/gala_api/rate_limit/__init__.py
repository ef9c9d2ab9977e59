"""Rate limits of requests, and the default quotas."""
