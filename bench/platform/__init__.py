"""What the platform itself costs: bytes, jobs, seconds and memory around the rendering.

Everything is measured from outside, on the real processes over loopback, with Postgres as durable
as in production.
"""
